import MailCore
import NIOCore

/// The messages of an APPEND while they come (RFC 3501 §6.3.11, RFC 3502, RFC 8508).
extension ServerSession {
    /// The message of an APPEND while it comes.
    struct Message: Sendable {
        var pending: Pending
        var append: Append
        let octets: Int
        /// Of the messages before it in the same command.
        let octetsBefore: Int
        /// Not yet received.
        var left: Int
        var buffer = ByteBuffer()
        var isSpooled: Bool
    }

    /// Parses what stands before the message, and the announcement behind it.
    func append(_ command: ByteBuffer) throws(SyntaxError) -> Append {
        var parser = parser(command)
        _ = try parser.tag()
        let name = try parser.commandName()
        let append = try parser.appendHead(replaces: name == "APPEND" ? nil : name == "UID REPLACE")
        _ = try parser.literalHeader()
        guard parser.take("\r"), parser.take("\n") else { throw parser.expected("CRLF") }
        try parser.requireEnd()
        return append
    }

    /// Takes the message that a line announced, or refuses it.
    mutating func begin(
        _ pending: Pending, _ append: Append, _ literal: CommandFramer.Announcement, octetsBefore: Int = 0,
        into output: inout ByteBuffer
    ) {
        if let refusal = objection(to: literal, of: append, octetsBefore) {
            phase = .reading
            refuse(pending, refusal, literal, into: &output)
            return discard(append, pending)
        }
        framer.reset()
        if literal.isSynchronizing { output.writeStaticString("+ go ahead\r\n") }
        message = Message(
            pending: pending, append: append, octets: literal.octets, octetsBefore: octetsBefore, left: literal.octets,
            isSpooled: literal.octets > configuration.memoryOctetsMax)
        phase = .receiving
    }

    /// Why this message cannot be had.
    private func objection(
        to literal: CommandFramer.Announcement, of append: Append, _ octetsBefore: Int
    ) -> Completion? {
        // RFC 3501 §6.3.2: what is replaced goes from the mailbox that is open.
        if append.replaces != nil, state == .selected(readOnly: true) {
            return .no("The mailbox is selected read-only")
        }
        guard literal.octets <= configuration.messageOctetsMax else {
            return .no(.tooBig, "A message has at most \(configuration.messageOctetsMax) octets")
        }
        guard literal.octets > 0 else { return .no(.cannot, "An empty message cannot be appended") }
        if append.staged > 0 {
            guard append.staged < configuration.appendMessagesMax else {
                return .no(.limit, "At most \(configuration.appendMessagesMax) messages at once")
            }
            guard literal.octets <= configuration.appendOctetsMax - octetsBefore else {
                return .no(.tooBig, "Several messages have at most \(configuration.appendOctetsMax) octets together")
            }
        }
        return nil
    }

    /// The server said no to a message, and another one was announced behind it.
    mutating func refuseMessage(
        _ pending: Pending, _ completion: Completion, _ literal: CommandFramer.Announcement,
        into output: inout ByteBuffer
    ) {
        phase = .reading
        refuse(pending, completion, literal, into: &output)
    }

    /// The server could not take a part of the message: the rest is dropped as it comes.
    mutating func refuseSpooling(_ pending: Pending, _ completion: Completion) {
        framer.skip(octets: message?.left ?? 0)
        message = nil
        phase = .refusing(pending, completion, octetsLeft: configuration.swallowOctetsMax)
    }

    /// Takes what came of the message; behind its end, the end of the command.
    mutating func receive(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> Step<Request>? {
        // Taken out of the session while it grows, so that its buffer has one owner and is not copied.
        guard var message = message else { return needsInput }
        self.message = nil
        message.take(from: &input, spoolOctetsMax: configuration.spoolOctetsMax)
        if let chunk = message.chunk(octetsMax: configuration.spoolOctetsMax) {
            var pending = message.pending
            pending.next = .receiving
            self.message = message
            ask(.spool(chunk), pending)
            return nil
        }
        guard message.left == 0 else {
            self.message = message
            return needsInput
        }
        return endOfAppend(message, &input, into: &output)
    }

    /// RFC 3501 §9: behind the message stands CR LF.
    private mutating func endOfAppend(
        _ message: Message, _ input: inout ByteBuffer, into output: inout ByteBuffer
    ) -> Step<Request>? {
        switch framer.next(&input, lineOctetsMax: configuration.lineOctetsMax) {
        case .needsInput:
            self.message = message
            return needsInput
        case .complete:
            let isEnd = String(buffer: framer.take()) == (message.append.isUTF8 ? ")" : "")
            if isEnd {
                ask(.append(message.finished), message.pending)
            } else {
                abandon(message, .bad("Expected CRLF behind the message"), into: &output)
            }
        case .literal(let literal): another(literal, behind: message, into: &output)
        case .failed: end(nil, "The command line is too long", into: &output)
        }
        return nil
    }

    /// RFC 3502: behind a message comes another one.
    private mutating func another(
        _ literal: CommandFramer.Announcement, behind message: Message, into output: inout ByteBuffer
    ) {
        var next = Append(
            to: message.append.mailbox, body: .memory(ByteBuffer()), staged: message.append.staged + 1)
        do throws(SyntaxError) {
            var parser = parser(framer.command)
            // RFC 8508 §4.7: one message is replaced by one.
            if message.append.isUTF8 { try parser.require(")") }
            guard message.append.replaces == nil else { throw parser.expected("CRLF") }
            try parser.appendMessageHead(into: &next)
            _ = try parser.literalHeader()
            guard parser.take("\r"), parser.take("\n") else { throw parser.expected("CRLF") }
            try parser.requireEnd()
            ask(
                .stage(message.finished), message.pending,
                next: .nextMessage(next, literal, octetsBefore: message.octetsBefore + message.octets))
        } catch {
            phase = .reading
            refuse(message.pending, error.completion, literal, into: &output)
            discard(message.finished, message.pending)
        }
    }

    /// Has the server forget what it holds of an APPEND, before the refusal goes on.
    private mutating func discard(_ append: Append, _ pending: Pending) {
        var isHeld = append.staged > 0
        if case .spooled = append.body { isHeld = true }
        guard isHeld else { return }
        if case .refusing(let pending, let completion, let left) = phase {
            ask(.discardSpool, pending, next: .refusing(completion, octetsLeft: left))
        } else if case .reading = phase {
            ask(.discardSpool, pending, next: .resuming)
        }
    }

    private mutating func abandon(_ message: Message, _ completion: Completion, into output: inout ByteBuffer) {
        if message.isSpooled || message.append.staged > 0 {
            ask(.discardSpool, message.pending, next: .said(completion))
        } else {
            complete(message.pending, completion, into: &output)
        }
    }
}

extension ServerSession.Message {
    var finished: Append {
        var append = append
        append.body = isSpooled ? .spooled(octets: octets) : .memory(buffer)
        return append
    }

    mutating func take(from input: inout ByteBuffer, spoolOctetsMax: Int) {
        let room = isSpooled ? min(left, spoolOctetsMax - buffer.readableBytes) : left
        guard var slice = input.readSlice(length: max(0, min(room, input.readableBytes))) else { return }
        left -= slice.readableBytes
        buffer.writeBuffer(&slice)
    }

    /// What is to be spooled now; nil while less than a whole chunk is there.
    mutating func chunk(octetsMax: Int) -> ByteBuffer? {
        guard isSpooled, buffer.readableBytes > 0, left == 0 || buffer.readableBytes >= octetsMax else { return nil }
        defer { buffer = ByteBuffer() }
        return buffer
    }
}
