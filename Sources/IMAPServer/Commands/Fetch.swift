import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.4.5.
    func fetch(_ command: Fetch, _ responses: ResponseStream) async throws -> Engine.Answer {
        let before = try view()
        var wanted = try before.members(of: command.set, byUID: command.byUID)
        if command.tellsVanished { try await tellEarlier(command, before, responses) }
        // RFC 9394 §3.4: the range first, then what of it has changed.
        if let partial = command.partial { wanted = wanted.part(partial) }
        if let since = command.changedSince, !wanted.isEmpty {
            wanted = wanted.intersection(try await store.uids(of: before.mailbox, changedSince: since).ranges)
        }
        guard !wanted.isEmpty else { return .done(.ok) }
        let plan = FetchPlan(command, marksSeen: before.flagRights.contains(.markSeen), features: features)
        let start = FetchRun(store: store, selected: before, plan: plan, wanted: wanted, features: features)
        // One message is rendered where we are: another thread would take longer to wake.
        let run = try await onCPU(unless: wanted.count <= Self.fewMessages && plan.isPlain) {
            var run = start
            try await run.perform(responses)
            return run
        }
        selected?.flags = run.flags
        selected?.did(run.ownModSeqs)
        if let failure = run.seenFailure {
            log.error("messages cannot be marked as seen", metadata: ["error": "\(failure.diagnostic)"])
        }
        let found = run.found.count + (try await fetchRemoved(run, wanted, before, responses))
        if found == wanted.count || command.byUID { return .done(.ok) }
        if found == 0 { throw Refusal.expunged }
        return .done(.ok(.expungeIssued, "Some of these messages were expunged"))
    }

    private static let fewMessages = 2

    /// RFC 2180 §4.1.2, RFC 9051 §5.5: what another session expunged can be fetched for as long as this one shows it. So
    /// many were.
    private func fetchRemoved(
        _ run: FetchRun, _ wanted: UIDRuns, _ before: Selected, _ responses: ResponseStream
    ) async throws -> Int {
        guard run.found.count < wanted.count else { return 0 }
        var missing = wanted
        missing.remove(run.found.ranges)
        var rest = before.notice.removed(among: missing)[...]
        var count = 0
        while !rest.isEmpty {
            let page = Array(rest.prefix(FetchRun.batchMessagesMax))
            rest = rest.dropFirst(page.count)
            let details = try await store.details(of: page, account: run.account, want: run.plan.details)
            let start = run
            count += try await onCPU {
                var run = start
                try await run.write(details, responses)
                return details.count
            }
        }
        return count
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
