import IMAP
import Logging
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.3.8, with CHILDREN (RFC 3348) and SPECIAL-USE (RFC 6154 §2).
    func list(_ list: List, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = try owner()
        var output = ByteBuffer()
        if list.asksForDelimiter {
            output.writeDelimiter()
        } else {
            let rows = try await store.mailboxes(of: account)
            let names = NameTree(rows.map(\.name))
            let byName = Dictionary(rows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            for name in names.matching(list) {
                let row = byName[name.text]
                var attributes: MailboxAttributes = names.hasChildren(name) ? .hasChildren : .hasNoChildren
                // A name that was listed only for what is below it (RFC 3501 §6.3.8).
                if row?.isSelectable != true { attributes.insert(.noSelect) }
                output.writeList(name, attributes, specialUse: row?.specialUse ?? [])
            }
        }
        try await send(output, responses)
        return .done(.ok)
    }

    /// RFC 3501 §6.3.9.
    func lsub(_ list: List, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = try owner()
        var output = ByteBuffer()
        if list.asksForDelimiter {
            output.writeDelimiter(lsub: true)
        } else {
            let subscribed = try await store.subscriptions(of: account)
            let known = Set(subscribed)
            for name in NameTree(subscribed).matching(list) {
                // "%" and "foo/bar" subscribed, but not "foo": \Noselect says that.
                output.writeLsub(name, known.contains(name.text) ? [] : .noSelect)
            }
        }
        try await send(output, responses)
        return .done(.ok)
    }

    /// RFC 3501 §6.3.10.
    func status(
        _ name: MailboxName, _ items: [StatusItem], _ responses: ResponseStream
    ) async throws -> Engine.Answer {
        let row = try await store.mailbox(of: try owner(), named: name.text)
        guard row.isSelectable else { throw Refusal(.no(.nonExistent, "This name only holds other names")) }
        var output = ByteBuffer()
        output.writeStatus(name, items.map { row.status($0) })
        try await send(output, responses)
        return .done(.ok)
    }

    /// RFC 2342.
    func namespace(_ responses: ResponseStream) async throws -> Engine.Answer {
        var output = ByteBuffer()
        output.writePersonalNamespace()
        try await send(output, responses)
        return .done(.ok)
    }

    /// RFC 2971.
    func id(_ fields: [IDField], _ responses: ResponseStream) async throws -> Engine.Answer {
        if !fields.isEmpty {
            let said = fields.prefix(8).map { "\($0.name)=\($0.value ?? "")" }.joined(separator: " ")
            log.debug("client", metadata: ["id": "\(said.prefix(256))"])
        }
        var output = ByteBuffer()
        output.writeID(
            [IDField("name", "Postino")] + (services.version.isEmpty ? [] : [IDField("version", services.version)]))
        try await send(output, responses)
        return .done(.ok)
    }
}

extension MailboxRow {
    func status(_ item: StatusItem) -> StatusValue {
        switch item {
        case .messages: StatusValue(item, UInt64(clamping: messages))
        case .recent: StatusValue(item, UInt64(clamping: recent))
        case .uidNext: StatusValue(item, UInt64(uidNext.rawValue))
        case .uidValidity: StatusValue(item, UInt64(uidValidity.rawValue))
        case .unseen: StatusValue(item, UInt64(clamping: unseen))
        case .size: StatusValue(item, UInt64(clamping: octets))
        case .deleted: StatusValue(item, UInt64(clamping: deleted))
        case .highestModSeq: StatusValue(item, UInt64(clamping: highestModSeq.rawValue))
        case .mailboxID: StatusValue(mailboxID: String(id.rawValue))
        }
    }
}
