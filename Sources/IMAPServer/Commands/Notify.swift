import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Transport

/// RFC 5465: what happens is told when it happens, in the selected mailbox and in others.
extension MailboxSession {
    func notify(_ notify: Notify?, _ responses: ResponseStream) async throws -> Engine.Answer {
        guard let notify else {
            watch = nil
            selected?.notice.wakesAlways = false
            return .done(.ok)
        }
        let account = try owner()
        let notice = WatchNotice(waker: waker)
        // First the ears, then the eyes.
        let subscription = store.hub.subscribe(toAccount: account) { notice.changed($0) }
        var watch = Watch(notify: notify, notice: notice, account: subscription)
        let rows = try await look(at: &watch, account)
        guard watch.mailboxes.count <= Watch.mailboxesMax else {
            throw Refusal(.no(.notificationOverflow, "At most \(Watch.mailboxesMax) mailboxes can be watched"))
        }
        self.watch = watch
        selected?.notice.wakesAlways = watch.notify.selected?.events.isEmpty == false
        guard notify.wantsStatus else { return .done(.ok) }
        var output = ByteBuffer()
        for row in rows where watch.mailboxes[row.id] != nil && row.id != selected?.mailbox {
            writeStatus(row, into: &output)
        }
        try await send(output, responses)
        return .done(.ok)
    }

    /// Tells what happened since it was last told. A failure is for the log.
    func tellNotifications(_ responses: ResponseStream) async {
        guard var watch else { return }
        let news = watch.notice.take()
        guard !news.isEmpty else { return }
        do {
            let account = try owner()
            let before = watch
            // Only what came, went or was renamed makes it necessary to match all names again.
            let rows = news.hasNames ? try await look(at: &watch, account) : try await reread(news.mailboxes, &watch)
            guard self.watch != nil else { return }
            self.watch = watch
            var output = ByteBuffer()
            if news.hasNames { writeNames(before, watch, into: &output) }
            for row in rows where news.mailboxes.contains(row.id) && row.id != selected?.mailbox {
                guard let old = before.known[row.id] else { continue }
                let event: Notify.Events =
                    row.uidNext != old.uidNext
                    ? .messageNew : row.messages != old.messages ? .messageExpunge : .flagChange
                if watch.events(of: row.name, row).contains(event) { writeStatus(row, into: &output) }
            }
            writeNotes(news, watch, into: &output)
            try await send(output, responses)
        } catch let error as StoreError {
            log.error("news cannot be read", metadata: ["error": "\(error.diagnostic)"])
        } catch {
            // Nobody is there to be told.
        }
    }

    /// RFC 5465 §3.1: who says nothing of the selected mailbox, or NONE, hears nothing of it but what its own commands do.
    func isUnwanted(after request: Engine.Request) -> Bool {
        guard let watch, watch.notify.selected?.events.isEmpty ?? true else { return false }
        switch request {
        case .expunge, .move, .append, .store: return false
        default: return true
        }
    }

    /// Learns what there is, and listens to the mailboxes whose messages are wanted.
    private func look(at watch: inout Watch, _ account: AccountID) async throws -> [MailboxRow] {
        let names = try await store.mailboxes(of: account)
        watch.subscribed = Set(try await store.subscriptions(of: account))
        let wanted = names.filter {
            $0.isSelectable && !watch.events(of: $0.name, $0).isDisjoint(with: .messages)
        }
        let gone = Set(watch.mailboxes.keys).subtracting(wanted.map(\.id))
        for id in gone { watch.mailboxes[id] = nil }
        var isNew = false
        for row in wanted.prefix(Watch.mailboxesMax + 1) where watch.mailboxes[row.id] == nil {
            let notice = watch.notice
            let id = row.id
            watch.mailboxes[id] = store.hub.subscribe(to: id) { _ in notice.changed(id) }
            isNew = true
        }
        // What came between the look and the ear is seen by another look.
        let rows = isNew ? try await store.mailboxes(of: account) : names
        watch.known = Dictionary(rows.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return rows
    }

    /// Learns how these mailboxes are now; one that is gone is passed over.
    private func reread(_ mailboxes: Set<MailboxID>, _ watch: inout Watch) async throws -> [MailboxRow] {
        var rows: [MailboxRow] = []
        for id in mailboxes {
            do throws(StoreError) {
                let row = try await store.mailbox(id)
                watch.known[id] = row
                rows.append(row)
            } catch {
                guard error == .noSuchMailbox else { throw error }
            }
        }
        return rows.sorted { $0.name < $1.name }
    }

    private func writeStatus(_ row: MailboxRow, into output: inout ByteBuffer) {
        guard let name = MailboxName(row.name) else { return }
        var values = [
            StatusValue(.messages, UInt64(clamping: row.messages)), StatusValue(.uidNext, UInt64(row.uidNext.rawValue)),
            StatusValue(.uidValidity, UInt64(row.uidValidity.rawValue)),
            StatusValue(.unseen, UInt64(clamping: row.unseen)),
        ]
        // RFC 5465 §5.3: for a client that wants mod-sequences.
        if features.contains(.condstore) {
            values.append(StatusValue(.highestModSeq, UInt64(clamping: row.highestModSeq.rawValue)))
        }
        output.writeStatus(name, values, utf8: features.usesUTF8)
    }

    /// RFC 5465 §5.4, §5.5: LIST for what came, went, was renamed or subscribed.
    private func writeNames(_ before: Watch, _ now: Watch, into output: inout ByteBuffer) {
        func write(_ name: String, _ attributes: MailboxAttributes, was old: String? = nil) {
            guard let name = MailboxName(name) else { return }
            output.writeList(name, attributes, oldName: old.flatMap { MailboxName($0) }, utf8: features.usesUTF8)
        }
        for old in before.known.values.sorted(by: { $0.name < $1.name }) where now.known[old.id] == nil {
            // One that stays as a name for others has another number.
            let isStill = now.known.values.contains { $0.name == old.name }
            if !isStill, before.events(of: old.name, old).contains(.mailboxName) { write(old.name, .nonExistent) }
        }
        for row in now.known.values.sorted(by: { $0.name < $1.name }) {
            let old = before.known[row.id]
            guard old?.name != row.name || old?.isSelectable != row.isSelectable else { continue }
            let isWanted =
                now.events(of: row.name, row).contains(.mailboxName)
                || old.map { now.events(of: $0.name, $0).contains(.mailboxName) } == true
            guard isWanted else { continue }
            write(row.name, row.isSelectable ? [] : .noSelect, was: old?.name == row.name ? nil : old?.name)
        }
        for name in now.subscribed.symmetricDifference(before.subscribed).sorted() {
            let row = now.known.values.first { $0.name == name }
            guard now.events(of: name, row).union(before.events(of: name, row)).contains(.subscriptionChange) else {
                continue
            }
            var attributes: MailboxAttributes = now.subscribed.contains(name) ? .subscribed : []
            if row == nil { attributes.insert(.nonExistent) }
            write(name, attributes)
        }
    }

    /// RFC 5465 §5.6, §5.7: the names of notes that changed.
    private func writeNotes(_ news: WatchNotice.News, _ watch: Watch, into output: inout ByteBuffer) {
        if let names = news.notes[nil], watch.wants(.serverMetadataChange) {
            output.writeMetadata(nil, changed: names.sorted(), utf8: features.usesUTF8)
        }
        for row in watch.known.values.sorted(by: { $0.name < $1.name }) {
            guard let names = news.notes[row.id], let name = MailboxName(row.name),
                watch.events(of: row.name, row).contains(.mailboxMetadataChange)
            else { continue }
            output.writeMetadata(name, changed: names.sorted(), utf8: features.usesUTF8)
        }
    }
}
