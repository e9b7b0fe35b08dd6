import MailCore
import NIOCore
import SASL

/// From octets to commands, and from commands to what they do.
extension ServerSession {
    /// Nil when there is more to do with the input.
    mutating func readCommand(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> Step<Request>? {
        let lineMax = isAuthenticated ? configuration.lineOctetsMax : configuration.lineOctetsMaxBeforeLogin
        switch framer.next(&input, lineOctetsMax: lineMax) {
        case .needsInput: return needsInput
        case .failed(.lineTooLong): end(nil, "The command line is too long", into: &output)
        case .failed(.bareLineFeedBeforeLiteral): end(nil, "A literal is announced by CR LF", into: &output)
        case .literal(let literal): announced(literal, into: &output)
        case .complete:
            let command = framer.take()
            if case .refusing(let pending, let completion, _) = phase {
                complete(pending, completion, into: &output)
            } else {
                perform(command, into: &output)
            }
        }
        return nil
    }

    private mutating func perform(_ command: ByteBuffer, into output: inout ByteBuffer) {
        var parser = parser(command)
        do throws(SyntaxError) {
            var pending = Pending(tag: try parser.tag(), name: "command")
            do throws(SyntaxError) {
                pending.name = try parser.commandName()
                if let objection = objection(to: pending.name) { return complete(pending, objection, into: &output) }
                guard let syntax = CommandSyntax.byName[pending.name] else { return }
                let command = try syntax.arguments(&parser)
                try parser.requireEnd()
                run(command, pending, into: &output)
            } catch {
                complete(pending, error.completion, into: &output)
            }
        } catch {
            output.writeUntagged(.bad, nil, error.completion.text)
            countBad(true, into: &output)
        }
    }

    func parser(_ command: ByteBuffer) -> Parser {
        Parser(command, features: features)
    }

    /// Why a command cannot be given now; nil when it can.
    func objection(to name: String) -> Completion? {
        guard let syntax = CommandSyntax.byName[name] else { return .bad("Unknown command") }
        if features.contains(.uidOnly), syntax.usesNumbers { return SyntaxError.numbersUnknown.completion }
        if name == "COMPRESS", !configuration.offersCompression { return .bad("Unknown command") }
        if name == "UNAUTHENTICATE", !configuration.offersUnauthenticate { return .bad("Unknown command") }
        if syntax.states.contains(stateSet) { return nil }
        switch state {
        case .notAuthenticated: return .bad("\(name) needs a login first")
        case .authenticated where syntax.states == .selected: return .bad("\(name) needs a selected mailbox")
        case .authenticated, .selected, .logout: return .bad("\(name) cannot be given any more")
        }
    }

    private mutating func run(_ command: Command, _ pending: Pending, into output: inout ByteBuffer) {
        switch command {
        case .capability:
            output.writeCapability(capabilityWords)
            complete(pending, .ok, into: &output)
        case .noop:
            if isAuthenticated { ask(.noop, pending) } else { complete(pending, .ok, into: &output) }
        case .logout:
            if isAuthenticated { ask(.logout, pending) } else { logOut(pending, into: &output) }
        case .startTLS: startTLS(pending, into: &output)
        case .login(let credentials):
            guard mayLogIn(pending, into: &output) else { return }
            ask(.authenticate(credentials), pending)
        case .authenticate(let mechanism, let initialResponse):
            guard mayLogIn(pending, into: &output) else { return }
            authenticate(pending, mechanism, initialResponse, into: &output)
        case .compress(let algorithm): compress(pending, algorithm, into: &output)
        case .refused(let completion): complete(pending, completion, into: &output)
        case .idle: ask(.idleStarted, pending)
        case .language(let ranges):
            let language = Self.language(for: ranges)
            if !ranges.isEmpty, language == nil {
                return complete(pending, .no("None of these languages is spoken here"), into: &output)
            }
            output.writeLanguages(ranges.isEmpty ? Self.languages : [language ?? "i-default"])
            complete(pending, .ok, into: &output)
        case .request(let request):
            if state == .selected(readOnly: true), request.writesToSelected {
                return complete(pending, .no("The mailbox is selected read-only"), into: &output)
            }
            ask(request, pending)
        }
    }

    mutating func ask(_ request: Request, _ pending: Pending) { phase = .performing(request, pending) }

    mutating func ask(_ request: Request, _ pending: Pending, next: Pending.Next) {
        var pending = pending
        pending.next = next
        phase = .performing(request, pending)
    }

    private mutating func startTLS(_ pending: Pending, into output: inout ByteBuffer) {
        guard !hasTLS, configuration.offersStartTLS else {
            return complete(pending, .bad("TLS cannot be started here"), into: &output)
        }
        Completion.ok("Begin TLS negotiation now").write(tag: pending.tag, command: pending.name, into: &output)
        phase = .startingTLS
    }

    /// RFC 4978 §3: the OK is the last that goes out as it is.
    private mutating func compress(_ pending: Pending, _ algorithm: String, into output: inout ByteBuffer) {
        guard algorithm == "DEFLATE" else { return complete(pending, .bad("DEFLATE alone is known"), into: &output) }
        guard !isCompressed else {
            return complete(pending, .no(.compressionActive, "Compressed already"), into: &output)
        }
        complete(pending, .ok("Compressed from here on"), into: &output)
        if case .reading = phase { phase = .compressing }
    }

    mutating func startCompressing() -> Step<Request> {
        isCompressed = true
        phase = .reading
        return .compress
    }

    mutating func logOut(_ pending: Pending, into output: inout ByteBuffer) {
        output.writeBye(nil, "Goodbye")
        Completion.ok.write(tag: pending.tag, command: pending.name, into: &output)
        state = .logout
        phase = .closing
    }
}

extension ServerSession.Request {
    /// What a mailbox opened with EXAMINE does not allow (RFC 3501 §6.3.2).
    fileprivate var writesToSelected: Bool {
        switch self {
        case .store, .expunge, .move: true
        case .append(let append): append.replaces != nil
        default: false
        }
    }
}
