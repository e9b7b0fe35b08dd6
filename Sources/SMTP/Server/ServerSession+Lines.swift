import NIOCore

extension ServerSession {
    /// Performs the next line; false while it is not complete.
    mutating func takeLine(_ input: inout ByteBuffer, _ output: inout ByteBuffer) -> Bool {
        do throws(CommandError) {
            guard let line = try input.readCommandLine(octetsMax: lineOctetsMax) else { return false }
            switch state {
            case .commanding(let phase): try perform(line, phase, &output)
            case .refusing: try performRefusing(line, &output)
            case .authenticating(let exchange): respond(line, exchange, &output)
            case .opening, .receiving, .skipping, .waiting, .startingTLS, .closed: break
            }
        } catch {
            if error.endsSession {
                error.reply.write(into: &output)
                state = .closed
            } else {
                refuse(error.reply, &output)
            }
        }
        return true
    }

    private var lineOctetsMax: Int {
        if case .authenticating = state { return Self.authenticationOctetsMax }
        // RFC 4954 §4: an AUTH command may hold an initial response as long as any other.
        return configuration.role == .submission && login == nil
            ? max(configuration.commandOctetsMax, Self.authenticationOctetsMax) : configuration.commandOctetsMax
    }

    private mutating func perform(_ line: [UInt8], _ phase: Phase, _ output: inout ByteBuffer) throws(CommandError) {
        if line.count + 2 > configuration.commandOctetsMax {
            guard line.prefix(5).elementsEqual("AUTH ".utf8, by: { $0 & ~0x20 == $1 & ~0x20 }) else {
                throw .lineTooLong
            }
        }
        let command = try Command(line)
        idleCommands += 1
        guard idleCommands <= configuration.idleCommandsMax else {
            return end(Reply(421, "4.7.0", "\(configuration.hostname) Too many commands"), into: &output)
        }
        switch command {
        case .ehlo(let name): hello(name, .ehlo, phase, &output)
        case .helo(let name): hello(name, .helo, phase, &output)
        case .lhlo(let name): hello(name, .lhlo, phase, &output)
        case .mail(let path, let parameters): mail(path, parameters, phase, &output)
        case .rcpt(let recipient, let isASCII): rcpt(recipient, isASCII: isASCII, phase, &output)
        case .data: data(phase, &output)
        case .bdat(let octets, let isLast): bdat(octets, isLast: isLast, phase, &output)
        case .rset: reset(phase, &output)
        case .noop: Reply.ok.write(into: &output)
        case .quit: quit(&output)
        case .vrfy: Reply.notVerified.write(into: &output)
        case .expn: refuse(.notExpanded, &output)
        case .help: Reply.help.write(into: &output)
        case .startTLS: startTLS(phase, &output)
        case .auth(let mechanism, let response): auth(mechanism, response, phase, &output)
        }
    }

    /// RFC 5321 §3.1: behind a greeting of 554 QUIT is waited for and all else gets 503.
    private mutating func performRefusing(_ line: [UInt8], _ output: inout ByteBuffer) throws(CommandError) {
        if case .quit = try Command(line) { quit(&output) } else { refuse(.serviceRefused, &output) }
    }

    // MARK: Ends

    /// Writes a reply to a bad command; one too many of them ends the session.
    mutating func refuse(_ reply: Reply, _ output: inout ByteBuffer) {
        errors += 1
        guard errors <= configuration.errorsMax else {
            return end(Reply(421, "4.7.0", "\(configuration.hostname) Too many errors"), into: &output)
        }
        reply.write(into: &output)
    }

    /// RFC 5321 §3.8: says why and closes.
    mutating func end(_ reply: Reply, into output: inout ByteBuffer) {
        switch state {
        case .closed: return
        case .opening, .refusing, .commanding, .authenticating, .receiving, .skipping, .waiting, .startingTLS: break
        }
        reply.write(into: &output)
        state = .closed
    }

    mutating func stop(into output: inout ByteBuffer) {
        end(Reply(421, "4.3.2", "\(configuration.hostname) Going down, try again later"), into: &output)
    }

    /// A stop that came while a request was performed is carried out when nothing waits any more.
    mutating func endIfSettled(into output: inout ByteBuffer) {
        guard isStopping else { return }
        switch state {
        case .waiting, .startingTLS, .closed: break
        case .opening, .refusing, .commanding, .authenticating, .receiving, .skipping: stop(into: &output)
        }
    }
}
