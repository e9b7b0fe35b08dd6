import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.3.8, RFC 5258, with CHILDREN (RFC 3348), SPECIAL-USE (RFC 6154 §2) and STATUS (RFC 5819).
    func list(_ list: List, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = try owner()
        var output = ByteBuffer()
        if list.asksForDelimiter {
            output.writeDelimiter()
        } else {
            let wantsSubscriptions = list.selection.contains(.subscribed) || list.returned.contains(.subscribed)
            let listing = Listing(
                list, places: try await places(),
                subscribed: wantsSubscriptions ? try await store.subscriptions(of: account) : [])
            for entry in listing.entries { try await write(entry, list, into: &output) }
        }
        try await send(output, responses)
        return .done(.ok)
    }

    private func write(_ entry: Listing.Entry, _ list: List, into output: inout ByteBuffer) async throws {
        output.writeList(
            entry.name, entry.attributes, specialUse: entry.specialUse, childInfo: entry.childInfo,
            utf8: features.usesUTF8)
        guard let place = entry.place else { return }
        // RFC 8440 §3.
        if list.returned.contains(.myRights) {
            output.writeMyRights(entry.name, place.rights, utf8: features.usesUTF8)
        }
        if let query = list.metadata, !place.rights.isDisjoint(with: Self.metadataRights) {
            var longest = 0
            let values = Self.values(of: query, in: try await notes(on: place), longest: &longest)
            output.writeMetadata(entry.name, values, utf8: features.usesUTF8)
        }
        guard !list.statusItems.isEmpty, place.row.isSelectable, place.rights.contains(.read) else { return }
        output.writeStatus(
            entry.name, try await values(list.statusItems, of: place.row), utf8: features.usesUTF8)
    }

    /// RFC 3501 §6.3.9.
    func lsub(_ list: List, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = try owner()
        var output = ByteBuffer()
        if list.asksForDelimiter {
            output.writeDelimiter(lsub: true)
        } else {
            let subscribed = try await withoutHidden(try await store.subscriptions(of: account))
            let known = Set(subscribed)
            for name in NameTree(subscribed).matching(list) {
                // "%" and "foo/bar" subscribed, but not "foo": \Noselect says that.
                output.writeLsub(name, known.contains(name.text) ? [] : .noSelect, utf8: features.usesUTF8)
            }
        }
        try await send(output, responses)
        return .done(.ok)
    }

    /// RFC 4314 §4: of what others share only those are told that can still be seen. They stay subscribed.
    private func withoutHidden(_ names: [String]) async throws -> [String] {
        guard names.contains(where: { $0.hasPrefix(SharedName.prefix) }) else { return names }
        let seen = Set(try await places().map(\.name.text))
        return names.filter { !$0.hasPrefix(SharedName.prefix) || seen.contains($0) }
    }

    /// RFC 3501 §6.3.10.
    func status(
        _ name: MailboxName, _ items: [StatusItem], _ responses: ResponseStream
    ) async throws -> Engine.Answer {
        let place = try await place(name, .read)
        let row = place.row
        guard row.isSelectable else { throw Refusal(.no(.nonExistent, "This name only holds other names")) }
        var output = ByteBuffer()
        output.writeStatus(place.name, try await values(items, of: row), utf8: features.usesUTF8)
        try await send(output, responses)
        return .done(.ok)
    }

    private func values(_ items: [StatusItem], of row: MailboxRow) async throws -> [StatusValue] {
        var values: [StatusValue] = []
        for item in items {
            switch item {
            case .deletedStorage: values.append(StatusValue(item, try await store.deletedOctets(of: row.id)))
            case .recent: values.append(StatusValue(item, UInt64(clamping: try await recentCount(of: row))))
            default: values.append(status(item, of: row))
            }
        }
        return values
    }

    private func recentCount(of row: MailboxRow) async throws -> Int {
        guard row.recentFrom < row.uidNext else { return 0 }
        await services.claims.settle(row.id)
        return try await store.recentCount(in: row.id)
    }

    private func status(_ item: StatusItem, of row: MailboxRow) -> StatusValue {
        switch item {
        case .messages: StatusValue(item, UInt64(clamping: row.messages))
        case .uidNext: StatusValue(item, UInt64(row.uidNext.rawValue))
        case .uidValidity: StatusValue(item, UInt64(row.uidValidity.rawValue))
        case .unseen: StatusValue(item, UInt64(clamping: row.unseen))
        case .size: StatusValue(item, UInt64(clamping: row.octets))
        case .deleted: StatusValue(item, UInt64(clamping: row.deleted))
        case .highestModSeq: StatusValue(item, UInt64(clamping: row.highestModSeq.rawValue))
        case .mailboxID: StatusValue(mailboxID: ObjectID.mailbox(row.id))
        case .appendLimit: StatusValue(item, UInt64(clamping: messageOctetsMax))
        // Counted apart.
        case .deletedStorage, .recent: StatusValue(item, 0)
        }
    }
}
