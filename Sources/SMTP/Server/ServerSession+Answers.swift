public import NIOCore

extension ServerSession.Pending {
    var request: ServerSession.Request {
        switch self {
        case .greeting: .connected
        case .spokeFirst: .spokeFirst
        case .sender(let envelope): .checkSender(envelope)
        case .recipient(let recipient, let envelope): .checkRecipient(recipient, envelope)
        case .credentials(let credentials): .authenticate(credentials)
        case .keys(_, let login): .findKeys(login: login)
        case .claim(let claim): .admit(claim)
        case .spool(let chunk, _): .spool(chunk)
        case .delivery(let envelope, let body): .deliver(envelope, body)
        case .discarding: .discardSpool
        }
    }
}

extension ServerSession {
    public mutating func resume(with answer: Answer, into output: inout ByteBuffer) {
        guard case .waiting(let pending) = state else { return }
        switch pending {
        case .credentials, .claim: verified(answer, &output)
        case .keys(let exchange, _):
            if case .keys(let offer) = answer { provide(offer, exchange, &output) } else { verified(answer, &output) }
        case .spokeFirst: end(.spokeFirst, into: &output)
        case .greeting: greet(answer.reply ?? Reply(220, nil, "\(configuration.hostname) ESMTP"), &output)
        case .sender(let envelope): checked(envelope, answer.reply ?? .senderOK, &output)
        case .recipient(let recipient, let envelope):
            checked(recipient, envelope, answer.reply ?? .recipientOK, &output)
        case .spool(let chunk, let reception): spooled(chunk, reception, answer.reply)
        case .delivery(let envelope, _):
            delivered(answer.reply ?? .ok, times: repliesAtEnd(envelope), &output)
        case .discarding(let reply, let times, let closes):
            state = .commanding(.ready)
            for _ in 0..<times { settle(reply, &output) }
            if closes { state = .closed }
        }
        endIfSettled(into: &output)
    }

    /// Writes the server's reply; its 421 ends the session.
    private mutating func settle(_ reply: Reply, _ output: inout ByteBuffer) {
        reply.write(into: &output)
        if reply.code == 421 { state = .closed }
    }

    private mutating func greet(_ reply: Reply, _ output: inout ByteBuffer) {
        state = reply.isPositive ? .commanding(.connected) : .refusing
        settle(reply, &output)
    }

    private mutating func checked(_ envelope: Envelope, _ reply: Reply, _ output: inout ByteBuffer) {
        state = .commanding(reply.isPositive ? .inTransaction(envelope) : .ready)
        if reply.isPermanent { refuse(reply, &output) } else { settle(reply, &output) }
    }

    private mutating func checked(
        _ recipient: Recipient, _ envelope: Envelope, _ reply: Reply, _ output: inout ByteBuffer
    ) {
        var envelope = envelope
        if reply.isPositive {
            envelope.recipients.append(recipient)
            idleCommands = 0
        }
        state = .commanding(.inTransaction(envelope))
        if reply.isPermanent {
            refusedRecipients += 1
            guard refusedRecipients <= configuration.refusedRecipientsMax else {
                let text = "\(configuration.hostname) Too many refused recipients"
                return end(Reply(421, "4.7.0", text), into: &output)
            }
        }
        settle(reply, &output)
    }

    private mutating func spooled(_ chunk: ByteBuffer, _ reception: Reception, _ reply: Reply?) {
        var reception = reception
        reception.spooled(octets: chunk.readableBytes)
        if let reply, !reply.isPositive { reception.refuse(reply) }
        state = .receiving(reception)
    }

    private mutating func delivered(_ reply: Reply, times: Int, _ output: inout ByteBuffer) {
        state = .commanding(.ready)
        if reply.isPositive { idleCommands = 0 }
        for _ in 0..<times { settle(reply, &output) }
    }

    /// RFC 2033 §4.2: by LMTP one reply for each recipient that was accepted. All of them share one fate here, since a
    /// message is stored for all in one transaction or for none.
    func repliesAtEnd(_ envelope: Envelope) -> Int {
        configuration.role == .lmtp ? max(1, envelope.recipients.count) : 1
    }

    private mutating func verified(_ answer: Answer, _ output: inout ByteBuffer) {
        switch answer {
        case .authenticated(let login):
            self.login = login
            idleCommands = 0
            state = .commanding(.ready)
            Reply.authenticationOK.write(into: &output)
        case .authenticationFailed: authenticationFailed(&output)
        case .accepted, .keys:
            // Nobody's name came with it.
            state = .commanding(.ready)
            Reply.localError.write(into: &output)
        case .reply(let reply):
            state = .commanding(.ready)
            settle(reply.isPositive ? .localError : reply, &output)
        }
    }
}

extension ServerSession.Answer {
    /// The server's words, nil for the session's own; an answer that belongs to another request is a failure of ours.
    fileprivate var reply: Reply? {
        switch self {
        case .accepted: nil
        case .reply(let reply): reply
        case .authenticated, .authenticationFailed, .keys: .localError
        }
    }
}
