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
        let places = try await look(at: &watch, account)
        guard watch.mailboxes.count <= Watch.mailboxesMax else {
            throw Refusal(.no(.notificationOverflow, "At most \(Watch.mailboxesMax) mailboxes can be watched"))
        }
        self.watch = watch
        selected?.notice.wakesAlways = watch.notify.selected?.events.isEmpty == false
        guard notify.wantsStatus else { return .done(.ok) }
        var output = ByteBuffer()
        for place in places where watch.mailboxes[place.row.id] != nil && place.row.id != selected?.mailbox {
            writeStatus(place, into: &output)
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
            let places = news.hasNames ? try await look(at: &watch, account) : try await reread(news.mailboxes, &watch)
            guard self.watch != nil else { return }
            self.watch = watch
            var output = ByteBuffer()
            if news.hasNames { writeNames(before, watch, into: &output) }
            for place in places where news.mailboxes.contains(place.row.id) && place.row.id != selected?.mailbox {
                let row = place.row
                guard let old = before.known[row.id]?.row else { continue }
                let event: Notify.Events =
                    row.uidNext != old.uidNext
                    ? .messageNew : row.messages != old.messages ? .messageExpunge : .flagChange
                if watch.events(of: place).contains(event) { writeStatus(place, into: &output) }
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
    private func look(at watch: inout Watch, _ account: AccountID) async throws -> [Place] {
        let names = try await places()
        watch.subscribed = Set(try await store.subscriptions(of: account))
        let wanted = names.filter {
            $0.row.isSelectable && !watch.events(of: $0).isDisjoint(with: .messages)
        }
        let gone = Set(watch.mailboxes.keys).subtracting(wanted.map(\.row.id))
        for id in gone { watch.mailboxes[id] = nil }
        var isNew = listenToSharers(among: names, &watch)
        for place in wanted.prefix(Watch.mailboxesMax + 1) where watch.mailboxes[place.row.id] == nil {
            let notice = watch.notice
            let id = place.row.id
            // Without a mod-sequence it is rights that changed, of which names tell.
            watch.mailboxes[id] = store.hub.subscribe(to: id) { if $0.rawValue > 0 { notice.changed(id) } }
            isNew = true
        }
        // What came between the look and the ear is seen by another look.
        let all = isNew ? try await places() : names
        watch.known = Dictionary(all.map { ($0.row.id, $0) }, uniquingKeysWith: { first, _ in first })
        return all
    }

    /// Whether anybody is among them to whom nobody listened.
    private func listenToSharers(among places: [Place], _ watch: inout Watch) -> Bool {
        let sharers = Set(places.lazy.filter { !$0.isOwn }.map(\.row.account).prefix(Watch.mailboxesMax))
        for gone in Set(watch.sharers.keys).subtracting(sharers) { watch.sharers[gone] = nil }
        let new = sharers.subtracting(watch.sharers.keys)
        for account in new {
            let notice = watch.notice
            watch.sharers[account] = store.hub.subscribe(toAccount: account) { change in
                // Their notes on themselves are not for others.
                if case .annotations(nil, _) = change { return }
                notice.changed(change)
            }
        }
        return !new.isEmpty
    }

    /// Learns how these mailboxes are now; one that is gone is passed over.
    private func reread(_ mailboxes: Set<MailboxID>, _ watch: inout Watch) async throws -> [Place] {
        var places: [Place] = []
        for id in mailboxes {
            guard var place = watch.known[id] else { continue }
            do throws(StoreError) {
                place.row = try await store.mailbox(id)
                watch.known[id] = place
                places.append(place)
            } catch {
                guard error == .noSuchMailbox else { throw error }
            }
        }
        return places.sorted { $0.name.text < $1.name.text }
    }

    private func writeStatus(_ place: Place, into output: inout ByteBuffer) {
        let row = place.row
        var values = [
            StatusValue(.messages, UInt64(clamping: row.messages)), StatusValue(.uidNext, UInt64(row.uidNext.rawValue)),
            StatusValue(.uidValidity, UInt64(row.uidValidity.rawValue)),
            StatusValue(.unseen, UInt64(clamping: row.unseen)),
        ]
        // RFC 5465 §5.3: for a client that wants mod-sequences.
        if features.contains(.condstore) {
            values.append(StatusValue(.highestModSeq, UInt64(clamping: row.highestModSeq.rawValue)))
        }
        output.writeStatus(place.name, values, utf8: features.usesUTF8)
    }

    /// RFC 5465 §5.4, §5.5: LIST for what came, went, was renamed or subscribed.
    private func writeNames(_ before: Watch, _ now: Watch, into output: inout ByteBuffer) {
        func write(_ name: String, _ attributes: MailboxAttributes, was old: String? = nil) {
            guard let name = MailboxName(name) else { return }
            output.writeList(name, attributes, oldName: old.flatMap { MailboxName($0) }, utf8: features.usesUTF8)
        }
        for old in before.inOrder where now.known[old.row.id] == nil {
            // One that stays as a name for others has another number.
            let isStill = now.known.values.contains { $0.name == old.name }
            if !isStill, before.events(of: old).contains(.mailboxName) { write(old.name.text, .nonExistent) }
        }
        for place in now.inOrder {
            let old = before.known[place.row.id]
            guard old?.name != place.name || old?.row.isSelectable != place.row.isSelectable else { continue }
            let isWanted =
                now.events(of: place).contains(.mailboxName)
                || old.map { now.events(of: $0).contains(.mailboxName) } == true
            guard isWanted else { continue }
            write(
                place.name.text, place.row.isSelectable ? [] : .noSelect,
                was: old?.name == place.name ? nil : old?.name.text)
        }
        for name in now.subscribed.symmetricDifference(before.subscribed).sorted() {
            let place = now.known.values.first { $0.name.text == name }
            guard now.events(of: name, place).union(before.events(of: name, place)).contains(.subscriptionChange) else {
                continue
            }
            var attributes: MailboxAttributes = now.subscribed.contains(name) ? .subscribed : []
            if place == nil { attributes.insert(.nonExistent) }
            write(name, attributes)
        }
    }

    /// RFC 5465 §5.6, §5.7: the names of notes that changed.
    private func writeNotes(_ news: WatchNotice.News, _ watch: Watch, into output: inout ByteBuffer) {
        if let names = news.notes[nil], watch.wants(.serverMetadataChange) {
            output.writeMetadata(nil, changed: names.sorted(), utf8: features.usesUTF8)
        }
        for place in watch.inOrder {
            guard let names = news.notes[place.row.id], !place.rights.isDisjoint(with: Self.metadataRights),
                watch.events(of: place).contains(.mailboxMetadataChange)
            else { continue }
            // Private notes are their owner's.
            let told = place.isOwn ? names : names.filter { $0.hasPrefix("/shared/") }
            output.writeMetadata(place.name, changed: told.sorted(), utf8: features.usesUTF8)
        }
    }
}
