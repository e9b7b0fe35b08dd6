import IMAP
import MIME
import MailCore
import MessageStore
import NIOCore

/// What one message is sorted by, criterion by criterion.
struct SortKeys: Sendable {
    enum Value: Sendable, Equatable {
        case number(Int64)
        case text([UInt8])

        /// Below zero when it comes before the other.
        func compared(to other: Value) -> Int {
            switch (self, other) {
            case (.number(let a), .number(let b)): a < b ? -1 : a > b ? 1 : 0
            case (.text(let a), .text(let b)): a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
            case (.number, .text): -1
            case (.text, .number): 1
            }
        }
    }

    var uid: UID
    var values: [Value]

    init(_ criteria: [Sort.Criterion], _ summary: MessageSummary, _ header: Header?) {
        uid = summary.uid
        values = criteria.map { Self.value($0.key, summary, header) }
    }

    /// RFC 5256 §3: criterion by criterion, and at last in the order of the mailbox.
    func precedes(_ other: SortKeys, _ criteria: [Sort.Criterion]) -> Bool {
        for (index, criterion) in criteria.enumerated() {
            let order = values[index].compared(to: other.values[index])
            if order != 0 { return criterion.isReversed ? order > 0 : order < 0 }
        }
        return uid < other.uid
    }

    private static func value(_ key: Sort.Key, _ summary: MessageSummary, _ header: Header?) -> Value {
        switch key {
        case .arrival: .number(summary.internalDate)
        // RFC 5256 §2.2: the sent date, or INTERNALDATE where there is none; the store keeps it so.
        case .date: .number(summary.sentDate)
        case .size: .number(Int64(summary.size))
        case .subject: .text(collated(BaseSubject(of: header?.subject ?? "").text))
        case .from: .text(mailbox(header, "From"))
        case .to: .text(mailbox(header, "To"))
        case .cc: .text(mailbox(header, "Cc"))
        case .displayFrom: .text(display(header, "From"))
        case .displayTo: .text(display(header, "To"))
        }
    }

    /// RFC 5256 §3: the mailbox of the first address, empty without one.
    private static func mailbox(_ header: Header?, _ name: String) -> [UInt8] {
        guard let first = header?.addresses(name, limit: 2).items.first else { return [] }
        switch first {
        case .mailbox(let mailbox): return collated(String(decoding: mailbox.localPart, as: UTF8.self))
        case .group(let name, _): return collated(String(decoding: name, as: UTF8.self))
        }
    }

    /// RFC 5957 §3: the display name decoded, else the address.
    private static func display(_ header: Header?, _ name: String) -> [UInt8] {
        guard let first = header?.addresses(name, limit: 2).items.first else { return [] }
        switch first {
        case .mailbox(let mailbox):
            if let shown = mailbox.name, !shown.isEmpty { return collated(shown) }
            let address = mailbox.domain.isEmpty ? mailbox.localPart : mailbox.localPart + [0x40] + mailbox.domain
            return collated(String(decoding: address, as: UTF8.self))
        case .group(let name, _): return collated(EncodedWords.decode(name))
        }
    }

    /// i;unicode-casemap (RFC 5051), near enough: letters without regard to case, as upper case.
    static func collated(_ text: String) -> [UInt8] {
        CaseFolding.folded(text).map { $0 &- 0x61 < 26 ? $0 & ~0x20 : $0 }
    }
}

extension Sort.Key {
    /// Whether the header must be read for it.
    var needsHeader: Bool {
        switch self {
        case .arrival, .date, .size: false
        case .cc, .from, .subject, .to, .displayFrom, .displayTo: true
        }
    }
}
