import NIOCore

extension ClientSession {
    mutating func begin(_ dialogue: Dialogue) {
        var dialogue = dialogue
        guard !dialogue.asked.isEmpty else {
            state = .finished(dialogue.results)
            return
        }
        dialogue.position = mustReset ? .reset : .mail
        stuffer = DotStuffer()
        if facts.extensions.hasPIPELINING { writeAll(dialogue) } else { writeNext(dialogue) }
        mustReset = false
        state = .inTransaction(dialogue)
    }

    /// RFC 2920 §3.1: MAIL, RCPT and DATA go out as one group; BDAT waits until somebody is there to get it.
    private mutating func writeAll(_ dialogue: Dialogue) {
        if mustReset { pending.writeStaticString("RSET\r\n") }
        dialogue.writeMail(facts.extensions, into: &pending)
        for place in dialogue.asked.indices { dialogue.writeRecipient(place, facts.extensions, into: &pending) }
        if !dialogue.transaction.isBinary { pending.writeStaticString("DATA\r\n") }
    }

    private mutating func writeNext(_ dialogue: Dialogue) {
        switch dialogue.position {
        case .reset: pending.writeStaticString("RSET\r\n")
        case .mail: dialogue.writeMail(facts.extensions, into: &pending)
        case .recipient(let place): dialogue.writeRecipient(place, facts.extensions, into: &pending)
        case .data: pending.writeStaticString("DATA\r\n")
        case .endOfData: break
        }
    }

    mutating func take(_ reply: Reply, _ dialogue: Dialogue) {
        // RFC 5321 §3.8: the server closes.
        if reply.code == 421 { return fail(.refused(reply, stage)) }
        guard reply.isIntermediate == (dialogue.position == .data && reply.code == 354) else {
            return fail(.malformedReply(stage))
        }
        var dialogue = dialogue
        switch dialogue.position {
        case .reset: go(to: .mail, dialogue)
        case .mail:
            dialogue.isOpen = reply.isPositive
            if !reply.isPositive { dialogue.refuse(with: reply) }
            go(to: .recipient(0), dialogue)
        case .recipient(let place):
            dialogue.answered(place, reply)
            go(to: place + 1 < dialogue.asked.count ? .recipient(place + 1) : .data, dialogue)
        case .data: data(reply, dialogue)
        case .endOfData where dialogue.chunks > 1: chunk(reply, dialogue)
        case .endOfData:
            dialogue.isOpen = false
            if reply.isPositive { dialogue.settle(.accepted(reply)) } else { dialogue.refuse(with: reply) }
            finish(dialogue)
        }
    }

    private mutating func go(to position: Dialogue.Position, _ dialogue: Dialogue) {
        var dialogue = dialogue
        dialogue.position = position
        if position == .data, dialogue.transaction.isBinary {
            guard dialogue.hasAccepted else { return finish(dialogue) }
            dialogue.position = .endOfData
            state = .sendingBody(dialogue)
            return
        }
        if !facts.extensions.hasPIPELINING {
            // Nobody left to send to: the rest need not be asked.
            let isPointless = position == .data || position == .recipient(0)
            guard !isPointless || dialogue.hasAccepted else { return finish(dialogue) }
            writeNext(dialogue)
        }
        state = .inTransaction(dialogue)
    }

    /// One chunk was answered, and it was not the last (RFC 3030 §2). Behind one that was refused the others mean nothing.
    mutating func chunk(_ reply: Reply, _ dialogue: Dialogue) {
        var dialogue = dialogue
        if reply.isPositive, dialogue.chunks > 0 {
            dialogue.chunks -= 1
            if case .sendingBody = state { state = .sendingBody(dialogue) } else { state = .inTransaction(dialogue) }
            return
        }
        guard reply.isTemporary || reply.isPermanent else { return fail(.malformedReply(stage)) }
        dialogue.refuse(with: reply)
        failure = .refused(reply, .data)
        state = .finished(dialogue.results)
    }

    private mutating func data(_ reply: Reply, _ dialogue: Dialogue) {
        var dialogue = dialogue
        // RFC 5321 §4.1.1.4: the answer to DATA is 354 or a refusal.
        guard !reply.isPositive else { return fail(.malformedReply(.transaction)) }
        guard reply.code == 354 else {
            dialogue.refuse(with: reply)
            return finish(dialogue)
        }
        dialogue.position = .endOfData
        if dialogue.hasAccepted {
            state = .sendingBody(dialogue)
            return
        }
        // RFC 2920 §3.1: 354 although no recipient was accepted; an empty message, and its reply means nothing.
        pending.writeStaticString(".\r\n")
        state = .inTransaction(dialogue)
    }

    private mutating func finish(_ dialogue: Dialogue) {
        mustReset = dialogue.isOpen
        state = .finished(dialogue.results)
    }
}
