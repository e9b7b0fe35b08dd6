import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.4.5.
    func fetch(_ command: Fetch, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = try owner()
        let before = try view()
        let wanted = try before.view.members(of: command.set, byUID: command.byUID)
        guard !wanted.isEmpty else { return .done(.ok) }
        let plan = FetchPlan(command, marksSeen: !before.isReadOnly)
        let start = FetchRun(
            store: store, account: account, mailbox: before.mailbox, plan: plan, view: before.view, wanted: wanted,
            recent: before.recent, flags: before.flags, isReadOnly: before.isReadOnly)
        let run = try await onCPU {
            var run = start
            try await run.perform(responses)
            return run
        }
        selected?.flags = run.flags
        selected?.did(run.ownModSeqs)
        if let failure = run.seenFailure {
            log.error("messages cannot be marked as seen", metadata: ["error": "\(failure.diagnostic)"])
        }
        if run.found == wanted.count || command.byUID { return .done(.ok) }
        if run.found == 0 { throw Refusal.expunged }
        return .done(.ok(.expungeIssued, "Some of these messages were expunged"))
    }
}
