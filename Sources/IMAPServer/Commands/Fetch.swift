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
        var wanted = try before.members(of: command.set, byUID: command.byUID)
        if command.tellsVanished { try await tellEarlier(command, before, responses) }
        if let since = command.changedSince, !wanted.isEmpty {
            wanted = wanted.intersection(try await store.uids(of: before.mailbox, changedSince: since).ranges)
        }
        guard !wanted.isEmpty else { return .done(.ok) }
        let plan = FetchPlan(command, marksSeen: !before.isReadOnly, tellsModSeqs: features.contains(.condstore))
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

    /// RFC 7162 §3.2.6: before any FETCH, the UIDs of the set that left since.
    private func tellEarlier(_ command: Fetch, _ before: Selected, _ responses: ResponseStream) async throws {
        guard let since = command.changedSince else { return }
        let asked =
            command.set.isSaved ? before.saved.ranges : command.set.ranges(largest: before.uidNext.rawValue &- 1)
        let gone = try await gone(from: before, among: asked, since: since)
        guard !gone.isEmpty else { return }
        var output = ByteBuffer()
        output.writeVanished(gone.ranges, isEarlier: true)
        try await send(output, responses)
    }
}
