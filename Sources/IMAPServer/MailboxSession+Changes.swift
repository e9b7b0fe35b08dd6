import Directory
import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// Tells what happened in the selected mailbox. A failure is for the log: the command itself went as it went.
    func tellChanges(_ responses: ResponseStream, expunges: Bool) async {
        guard let selected else { return }
        let isChanged = selected.notice.take(except: selected.contexts.isEmpty ? selected.ownModSeqs : [])
        do {
            if isChanged {
                try await readChanges(responses, expunges: expunges)
            } else {
                // The hub speaks before a commit's caller goes on: nobody else came in between.
                let own = selected.ownModSeqs.max().map { ModSeq(rawValue: $0) }
                if let own { self.selected?.modSeq = max(own, selected.modSeq) }
                self.selected?.ownModSeqs = []
                self.selected?.settle()
                if expunges, !selected.vanished.isEmpty { try await tellVanished(responses) }
            }
            if !expunges { try await tellSettled(responses) }
        } catch let error as StoreError {
            log.error("changes cannot be read", metadata: ["error": "\(error.diagnostic)"])
            selected.notice.remind()
        } catch {
            // Nobody is there to be told.
        }
    }

    /// RFC 7162 §6: while VANISHED is held back, the mod-sequences that were told must not let the client believe that it
    /// knows all up to them.
    private func tellSettled(_ responses: ResponseStream) async throws {
        guard features.contains(.qresync), let selected, !selected.vanished.isEmpty else { return }
        var output = ByteBuffer()
        output.writeUntagged(.ok, .highestModSeq(selected.settled), "Expunged messages are told later")
        try await send(output, responses)
    }

    private func tellVanished(_ responses: ResponseStream) async throws {
        var output = ByteBuffer()
        selected?.tellVanished(features, into: &output)
        try await send(output, responses)
    }

    private func readChanges(_ responses: ResponseStream, expunges: Bool) async throws {
        guard let selected else { return }
        guard !selected.isLost, let changes = try await changes(selected) else {
            self.selected?.vanished = [1...UInt32.max]
            if expunges { try await tellVanished(responses) }
            return
        }
        let recent = try await recent(selected, changes)
        if changes.keywordVersion != selected.flags.keywords.version
            || changes.changed.contains(where: { selected.flags.lacks($0.flags) })
        {
            try await tellKeywords(responses)
        }
        guard let current = self.selected else { return }
        // RFC 5465 §5.3: who asks for arrivals alone is not told of flags.
        let wanted = watch?.notify.selected
        let tellsFlags = wanted?.events.contains(.flagChange) ?? true
        let (taken, output) = try await onCPU { [features] in
            var taken = current
            var output = ByteBuffer()
            taken.take(
                changes, recentFrom: recent, expunges: expunges, features, tellsFlags: tellsFlags, into: &output)
            return (taken, output)
        }
        self.selected = taken
        shareView()
        try await send(output, responses)
        let arrived = UIDRuns(changes.arrived.map { $0.uid.rawValue...$0.uid.rawValue })
        if let items = wanted?.fetched, !items.isEmpty { try await fetchNew(arrived, items, responses) }
        let changed = changes.changed.map { $0.uid.rawValue...$0.uid.rawValue }
        try await updateContexts(UIDRuns(arrived.ranges + changed), responses)
    }

    /// RFC 5465 §5.1: what is wanted of new messages is told behind EXISTS.
    func fetchNew(_ uids: UIDRuns, _ items: [FetchItem], _ responses: ResponseStream) async throws {
        guard let selected, !uids.isEmpty else { return }
        let items = items.contains(.uid) ? items : [.uid] + items
        let plan = FetchPlan(
            Fetch(SequenceSet(parts: []), items, byUID: true), marksSeen: selected.flagRights.contains(.markSeen),
            features: features)
        let start = FetchRun(
            store: store, selected: selected, plan: plan, wanted: selected.view.intersection(uids.ranges),
            features: features)
        let run = try await onCPU {
            var run = start
            try await run.perform(responses)
            return run
        }
        self.selected?.flags = run.flags
        self.selected?.did(run.ownModSeqs)
    }

    /// Nil when another session deleted the mailbox (RFC 2180 §3.3): for this one it is empty from now on.
    private func changes(_ selected: Selected) async throws(StoreError) -> MailboxChanges? {
        do throws(StoreError) {
            let changes = try await store.changes(
                in: selected.mailbox, since: selected.modSeq, uidNext: selected.uidNext)
            // One with others below it stays as a name, and begins anew (RFC 3501 §6.3.4).
            return changes.uidNext < selected.uidNext ? nil : changes
        } catch {
            guard error == .noSuchMailbox else { throw error }
            return nil
        }
    }

    /// The first of what arrived that is `\Recent` here.
    ///
    /// RFC 3501 §2.3.2: a message is that in one session; one that only looks takes it from nobody.
    ///
    /// In IDLE nothing is written for it before the client hears of its mail; that is made up for by `settleRecent`.
    private func recent(_ selected: Selected, _ changes: MailboxChanges) async throws -> UID {
        if changes.arrived.isEmpty { return changes.uidNext }
        await services.claims.settle(selected.mailbox)
        if selected.isReadOnly || selected.notice.isIdling {
            self.selected?.owesRecent = !selected.isReadOnly
            return max(selected.uidNext, try await store.mailbox(selected.mailbox).recentFrom)
        }
        do throws(StoreError) {
            return try await store.claimRecent(selected.mailbox, before: changes.uidNext)
        } catch .noSuchMailbox {
            throw StoreError.noSuchMailbox
        } catch {
            // As in IDLE: told now, taken from the others when there is room to write it.
            self.selected?.owesRecent = true
            return max(selected.uidNext, try await store.mailbox(selected.mailbox).recentFrom)
        }
    }

    /// Takes from other sessions what was told as `\Recent` in IDLE.
    func settleRecent() async {
        guard let selected, selected.owesRecent else { return }
        self.selected?.owesRecent = false
        _ = try? await store.claimRecent(selected.mailbox, before: selected.uidNext)
    }

    /// Lets sessions that know the same of a mailbox keep it once.
    func shareView() {
        guard let selected, selected.vanished.isEmpty else { return }
        let point = ViewCache.Point(modSeq: selected.modSeq, uidNext: selected.uidNext)
        self.selected?.view = services.views.shared(selected.view, of: selected.mailbox, at: point)
    }

    /// RFC 3501 §7.2.6: keywords that were made since are told before they are used.
    func tellKeywords(_ responses: ResponseStream) async throws {
        guard let owner = selected?.owner else { return }
        let words = FlagWords(try await store.keywords(of: owner))
        guard let selected else { return }
        self.selected?.flags = words
        var output = ByteBuffer()
        output.writeFlags(words.text)
        output.writePermanentFlags(words.text, selected.flagRights)
        try await send(output, responses)
    }
}
