import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// SELECT and EXAMINE (RFC 3501 §6.3.1, §6.3.2).
    func select(
        _ command: Select, examines: Bool, _ responses: ResponseStream
    ) async throws -> Engine.Answer {
        try await tellClosed(responses)
        let place = try await place(command.mailbox, .read)
        let found = place.row
        // RFC 4314 §5.2: who can change nothing has it read-only.
        let isReadOnly = examines || place.rights.isDisjoint(with: MailboxRights.flagging.union([.insert, .expunge]))
        guard found.isSelectable else { throw Refusal(.no(.nonExistent, "This name only holds other names")) }
        // First the ears, then the eyes: what happens in between is found by the next look.
        let notice = ChangeNotice(waker: waker)
        notice.wakesAlways = watch?.notify.selected?.events.isEmpty == false
        let subscription = store.hub.subscribe(withRemovalsOf: found.id) { notice.changed($0, $1) }
        await services.claims.settle(found.id)
        let row = try await store.mailbox(found.id)
        let words = FlagWords(try await store.keywords(of: row.account))
        let uids = try await uids(row)
        var selected = Selected(
            mailbox: row.id, name: place.name, owner: row.account, isReadOnly: isReadOnly, rights: place.rights,
            objectIDs: ObjectID(other: place.isOwn ? nil : row.account), notice: notice, subscription: subscription,
            view: uids, uidNext: row.uidNext, modSeq: row.highestModSeq, settled: row.highestModSeq, flags: words)
        findRecent(row, &selected)
        let unseen = features.contains(.rev2) ? nil : try await firstUnseen(row, uids)
        var output = ByteBuffer()
        output.writeFlags(words.text)
        output.writeExists(selected.exists)
        let isRev2 = features.contains(.rev2)
        if !isRev2 { output.writeRecent(selected.recentCount) }
        // RFC 9586 §3.6: a number says nothing to a client that has none.
        if let unseen, !features.contains(.uidOnly) {
            output.writeUntagged(.ok, .unseen(unseen), "The first unseen message")
        }
        output.writePermanentFlags(words.text, selected.flagRights)
        output.writeUntagged(.ok, .uidNext(row.uidNext.rawValue), "The next UID")
        output.writeUntagged(.ok, .uidValidity(row.uidValidity), "UIDs are valid")
        output.writeUntagged(.ok, .highestModSeq(row.highestModSeq), "The highest mod-sequence")
        output.writeUntagged(.ok, .mailboxID(ObjectID.mailbox(row.id)), "The mailbox's identifier")
        // RFC 9051 §6.3.2.
        if isRev2 { output.writeList(place.name, [], utf8: features.usesUTF8) }
        try await send(output, responses)
        if let resync = command.resync, resync.uidValidity == row.uidValidity {
            try await tellChanges(since: resync, of: row, &selected, responses)
        }
        self.selected = selected
        return .selected(readOnly: isReadOnly)
    }

    /// RFC 7162 §3.2.11: what comes behind it is about another mailbox.
    private func tellClosed(_ responses: ResponseStream) async throws {
        guard selected != nil else { return }
        selected = nil
        var output = ByteBuffer()
        output.writeUntagged(.ok, .closed, "The mailbox before is closed")
        try await send(output, responses)
    }

    /// The messages of the row's moment, without those that went since.
    private func uids(_ row: MailboxRow) async throws -> UIDRuns {
        let point = ViewCache.Point(modSeq: row.highestModSeq, uidNext: row.uidNext)
        if let known = services.views.view(of: row.id, at: point) { return known }
        var uids = try await store.uids(of: row.id)
        if let last = uids.last, last >= row.uidNext { uids.remove([row.uidNext.rawValue...UInt32.max]) }
        // As many as there were: none went while they were read.
        return uids.count == row.messages ? services.views.shared(uids, of: row.id, at: point) : uids
    }

    /// RFC 3501 §6.3.2: EXAMINE takes `\Recent` from nobody.
    private func findRecent(_ row: MailboxRow, _ selected: inout Selected) {
        guard let last = selected.view.last, last >= row.recentFrom else { return }
        selected.recent = selected.view.intersection(row.recentFrom.rawValue...last.rawValue)
        if !selected.isReadOnly { services.claims.begin(row.id, before: row.uidNext, in: store, log) }
    }

    private func firstUnseen(_ row: MailboxRow, _ uids: UIDRuns) async throws -> UInt32? {
        guard row.unseen > 0, let first = uids.first, let last = uids.last else { return nil }
        let unseen = try await store.summaries(
            of: row.id, uids: first.rawValue...last.rawValue, limit: 1, matching: FlagFilter(clear: .seen))
        return unseen.first.flatMap { uids.rank(of: $0.uid) }.map { UInt32(clamping: $0) }
    }

    /// RFC 3501 §6.4.2.
    func close() async throws -> Engine.Answer {
        // RFC 4314 §4: without the right to expunge it is only closed.
        if let selected, !selected.isReadOnly, selected.rights.contains(.expunge) {
            do throws(StoreError) {
                _ = try await store.expunge(mailbox: selected.mailbox, uids: nil, onlyDeleted: true, actor: actor)
            } catch {
                // Deleted by another session, with all that was in it.
                guard error == .noSuchMailbox else { throw error }
            }
        }
        selected = nil
        return .closed
    }
}
