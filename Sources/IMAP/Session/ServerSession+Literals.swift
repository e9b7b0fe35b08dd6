import MailCore
import NIOCore

/// Literals (RFC 3501 §4.3, RFC 7888), and above all the message of an APPEND.
extension ServerSession {
    /// The message of an APPEND while it comes.
    struct Message: Sendable {
        var pending: Pending
        var append: Append
        let octets: Int
        /// Not yet received.
        var left: Int
        var buffer = ByteBuffer()
        var isSpooled: Bool
    }

    /// A line announced a literal: take it, or refuse the command.
    mutating func announced(_ literal: CommandFramer.Announcement, into output: inout ByteBuffer) {
        if case .refusing(let pending, let completion, let left) = phase {
            return refuse(pending, completion, literal, octetsMax: left, into: &output)
        }
        var parser = Parser(framer.command, extensions: configuration.extensions)
        var pending = Pending(tag: "*", name: "command")
        do throws(SyntaxError) {
            pending.tag = try parser.tag()
            pending.name = "command"
            if isAuthenticated, parser.announcesMessage() {
                pending.name = "APPEND"
                return begin(pending, try Self.append(framer.command, configuration.extensions), literal, into: &output)
            }
            pending.name = try parser.commandName()
        } catch {
            return refuse(pending, error.completion, literal, into: &output)
        }
        if let objection = objection(to: pending.name) {
            return refuse(pending, objection, literal, into: &output)
        }
        let max = isAuthenticated ? configuration.literalOctetsMax : configuration.literalOctetsMaxBeforeLogin
        guard literal.octets <= max - framer.literalOctets else {
            let refusal = Completion(.bad, .tooBig, "The literals of a command have at most \(max) octets")
            return refuse(pending, refusal, literal, into: &output)
        }
        guard framer.literals < configuration.literalsMax else {
            return refuse(
                pending, .bad("More than \(configuration.literalsMax) literals in a command"), literal, into: &output)
        }
        framer.accept(literal)
        if literal.isSynchronizing { output.writeStaticString("+ go ahead\r\n") }
    }

    /// Parses what stands before the message, and the announcement behind it.
    private static func append(_ command: ByteBuffer, _ extensions: Extensions) throws(SyntaxError) -> Append {
        var parser = Parser(command, extensions: extensions)
        _ = try parser.tag()
        _ = try parser.commandName()
        let append = try parser.appendHead()
        _ = try parser.literalHeader()
        guard parser.take("\r"), parser.take("\n") else { throw parser.expected("CRLF") }
        try parser.requireEnd()
        return append
    }

    private mutating func begin(
        _ pending: Pending, _ append: Append, _ literal: CommandFramer.Announcement, into output: inout ByteBuffer
    ) {
        guard literal.octets <= configuration.messageOctetsMax else {
            let refusal = Completion.no(.tooBig, "A message has at most \(configuration.messageOctetsMax) octets")
            return refuse(pending, refusal, literal, into: &output)
        }
        guard literal.octets > 0 else {
            return refuse(pending, .no(.cannot, "An empty message cannot be appended"), literal, into: &output)
        }
        framer.reset()
        if literal.isSynchronizing { output.writeStaticString("+ go ahead\r\n") }
        message = Message(
            pending: pending, append: append, octets: literal.octets, left: literal.octets,
            isSpooled: literal.octets > configuration.memoryOctetsMax)
        phase = .receiving
    }

    /// Answers a command that announces a literal which shall not be had.
    ///
    /// A synchronising literal is not sent then; another one is, and is dropped, with all of the command behind it.
    private mutating func refuse(
        _ pending: Pending, _ completion: Completion, _ literal: CommandFramer.Announcement,
        octetsMax: Int? = nil, into output: inout ByteBuffer
    ) {
        if literal.isSynchronizing {
            framer.reset()
            return complete(pending, completion, into: &output)
        }
        let left = octetsMax ?? swallowOctetsMax
        guard literal.octets <= left else { return end(.tooBig, "The literal is too long", into: &output) }
        framer.skip(octets: literal.octets)
        phase = .refusing(pending, completion, octetsLeft: left - literal.octets)
    }

    /// A stranger is not listened to for long.
    private var swallowOctetsMax: Int {
        isAuthenticated ? configuration.swallowOctetsMax : configuration.lineOctetsMaxBeforeLogin
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
            let isEnd = framer.take().readableBytes == 0
            if isEnd {
                ask(.append(message.finished), message.pending)
            } else {
                abandon(message, .bad("Expected CRLF behind the message"), into: &output)
            }
        case .literal(let literal):
            phase = .reading
            refuse(message.pending, .bad("One APPEND brings one message"), literal, into: &output)
            if message.isSpooled, case .refusing(let pending, let completion, let left) = phase {
                ask(.discardSpool, pending, next: .refusing(completion, octetsLeft: left))
            } else if message.isSpooled, case .reading = phase {
                ask(.discardSpool, message.pending, next: .resuming)
            }
        case .failed: end(nil, "The command line is too long", into: &output)
        }
        return nil
    }

    private mutating func abandon(_ message: Message, _ completion: Completion, into output: inout ByteBuffer) {
        if message.isSpooled {
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
