import IMAP
import Transport

extension MailboxSession {
    /// RFC 9585 §3: while a command that may take long is at it, the client hears `* OK [INPROGRESS]` now and then, so that
    /// neither it nor a NAT box gives up. Only commands whose own responses come in one piece at their end: a line must
    /// not stand inside another's literal.
    func tellingProgress(
        of request: Engine.Request, _ responses: ResponseStream, _ perform: () async throws -> Engine.Answer
    ) async throws -> Engine.Answer {
        guard request.mayTakeLong else { return try await perform() }
        let every = services.progressSeconds
        let ticker = Task {
            while true {
                try await Task.sleep(for: .seconds(every))
                try await responses.write { $0.writeUntagged(.ok, .inProgress, "Still at it") }
                try await responses.flush()
            }
        }
        defer { ticker.cancel() }
        return try await perform()
    }
}

extension IMAP.ServerSession.Request {
    fileprivate var mayTakeLong: Bool {
        switch self {
        case .search, .multiSearch, .sort, .thread, .copy, .move, .store, .expunge, .delete, .rename: true
        default: false
        }
    }
}
