import MailCore
public import NIOCore

/// What the server's answers make of a session.
extension ServerSession {
    public mutating func resume(with answer: Answer, into output: inout ByteBuffer) {
        guard case .performing(let request, let pending) = phase else { return }
        switch (answer, pending.next) {
        case (.ended(let code, let text), _):
            end(code, text, into: &output)
        case (.keys(let offer), .exchange(let exchange)):
            provide(offer, to: exchange, pending.plain, into: &output)
        case (.done(let completion), .exchange) where completion.status != .ok:
            finish(request, pending.plain, completion, into: &output)
        case (_, .exchange), (.keys, _):
            complete(pending.plain, .no(.serverBug, "Internal failure"), into: &output)
        case (.done(let completion), .receiving):
            refuseSpooling(pending.plain, completion)
        case (.done(let completion), .nextMessage(_, let literal, _)):
            refuseMessage(pending.plain, completion, literal, into: &output)
        case (_, .nextMessage(let append, let literal, let octets)):
            begin(pending.plain, append, literal, octetsBefore: octets, into: &output)
        case (_, .receiving):
            phase = .receiving
        case (_, .resuming):
            phase = .reading
        case (_, .refusing(let completion, let left)):
            phase = .refusing(pending.plain, completion, octetsLeft: left)
        case (_, .said(let completion)):
            complete(pending, completion, into: &output)
        case (.continued, .completion):
            proceed(after: request, pending, into: &output)
        case (.done(let completion), .completion):
            finish(request, pending, completion, into: &output)
        case (.authenticated, _):
            failedAuthentications = 0
            state = .authenticated
            complete(pending, .ok(.capability(capabilityWords), "Logged in"), into: &output)
        case (.selected(let readOnly), _):
            state = .selected(readOnly: readOnly)
            complete(pending, .ok(readOnly ? .readOnly : .readWrite), into: &output)
        case (.closed, _):
            state = .authenticated
            complete(pending, .ok, into: &output)
        }
        if isShuttingDown { end(.unavailable, "The server is stopping", into: &output) }
    }

    /// Goes on behind a step that went well.
    private mutating func proceed(after request: Request, _ pending: Pending, into output: inout ByteBuffer) {
        switch request {
        case .idleStarted:
            output.writeStaticString("+ idling\r\n")
            idle(pending)
        case .idleUpdates: idle(pending)
        case .logout: logOut(pending, into: &output)
        case .unauthenticate:
            state = .notAuthenticated
            features = []
            notifies = false
            complete(pending, .ok, into: &output)
        case .enable(let asked):
            features.formUnion(asked.closed)
            output.writeEnabled(asked.words)
            complete(pending, .ok, into: &output)
        default: complete(pending, .ok, into: &output)
        }
    }

    private mutating func finish(
        _ request: Request, _ pending: Pending, _ completion: Completion, into output: inout ByteBuffer
    ) {
        switch request {
        case .authenticate where completion.status != .ok, .admit where completion.status != .ok:
            failedAuthentications += 1
            complete(pending, completion, into: &output)
            if failedAuthentications >= configuration.authenticationFailuresMax {
                end(nil, "Too many failed logins", into: &output)
            }
        case .authenticate, .admit:
            state = .authenticated
            complete(pending, completion, into: &output)
        case .select, .examine:
            // RFC 3501 §6.3.1: a SELECT that fails leaves no mailbox selected.
            state = completion.status == .ok ? .selected(readOnly: request.isExamine) : .authenticated
            complete(pending, completion, into: &output)
        case .logout: logOut(pending, into: &output)
        case .notify(let notify):
            if completion.status == .ok { notifies = notify != nil }
            complete(pending, completion, into: &output)
        case .close, .unselect:
            if completion.status == .ok { state = .authenticated }
            complete(pending, completion, into: &output)
        default: complete(pending, completion, into: &output)
        }
    }
}

extension ServerSession.Request {
    fileprivate var isExamine: Bool { if case .examine = self { true } else { false } }
}
