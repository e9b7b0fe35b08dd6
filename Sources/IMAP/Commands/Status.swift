/// What STATUS tells (`status-att`, RFC 3501 §6.3.10 and extensions).
public enum StatusItem: String, CaseIterable, Hashable, Sendable {
    case messages = "MESSAGES"
    case recent = "RECENT"
    case uidNext = "UIDNEXT"
    case uidValidity = "UIDVALIDITY"
    case unseen = "UNSEEN"
    /// RFC 8438.
    case size = "SIZE"
    /// RFC 9051 §6.3.11.
    case deleted = "DELETED"
    /// RFC 7162 §3.1.7.
    case highestModSeq = "HIGHESTMODSEQ"
    /// RFC 8474 §4.3.
    case mailboxID = "MAILBOXID"
    /// RFC 7889 §3.2.
    case appendLimit = "APPENDLIMIT"
    /// RFC 9208 §4.1.4: octets of what is `\Deleted`.
    case deletedStorage = "DELETED-STORAGE"
}

extension CommandSyntax {
    static let status = CommandSyntax("STATUS", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        let mailbox = try p.mailbox()
        try p.space()
        return .request(.status(mailbox, try p.statusItems()))
    }
}

extension Parser {
    /// `"(" status-att *(SP status-att) ")"`; in the order asked, none twice.
    mutating func statusItems() throws(SyntaxError) -> [StatusItem] {
        var items: [StatusItem] = []
        let named = try list(of: "status-att", max: 32) { p throws(SyntaxError) in try p.statusItem() }
        for item in named where !items.contains(item) { items.append(item) }
        return items
    }

    private mutating func statusItem() throws(SyntaxError) -> StatusItem {
        let start = position
        guard let item = StatusItem(rawValue: try keyword("status-att")), isKnown(item) else {
            throw .expected("status-att", at: start)
        }
        return item
    }

    private func isKnown(_ item: StatusItem) -> Bool {
        switch item {
        case .deleted, .messages, .recent, .uidNext, .uidValidity, .unseen, .size, .highestModSeq, .mailboxID,
            .appendLimit,
            .deletedStorage:
            true
        }
    }
}
