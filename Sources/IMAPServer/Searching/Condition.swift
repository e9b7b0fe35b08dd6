import IMAP
import MailCore
import MessageStore

/// A SEARCH program made ready: names looked up, numbers turned into UIDs, texts folded.
indirect enum Condition: Sendable {
    case constant(Bool)
    /// All of these are set.
    case flags(Flags)
    case uids(UIDRuns)
    /// INTERNALDATE's day, in its own zone, is among these (days since 1970).
    case internalDay(ClosedRange<Int>)
    /// The same of the Date field.
    case sentDay(ClosedRange<Int>)
    /// The day, in UTC, on which it came into the mailbox.
    case savedDay(ClosedRange<Int>)
    case larger(Int64)
    case smaller(Int64)
    /// Or higher.
    case modSeq(Int64)
    /// INTERNALDATE as seconds since 1970 is among these.
    case internalTime(ClosedRange<Int64>)
    /// A field of this name holds the text; with an empty one: there is such a field.
    case field(FieldText)
    case body(Needle)
    case text(Needle)
    /// What the index tells of the condition goes before looking for oneself.
    case indexed(IndexAnswer, Condition)
    case not(Condition)
    case any([Condition])
    case all([Condition])

    /// - Parameters:
    ///   - saved: what "$" stands for.
    ///   - now: seconds since 1970, for YOUNGER and OLDER.
    init(
        _ key: SearchKey, view: UIDRuns, recent: UIDRuns, keywords: Keywords, saved: UIDRuns = UIDRuns(),
        now: Int64 = 0
    ) throws(Refusal) {
        func make(_ key: SearchKey) throws(Refusal) -> Condition {
            try Condition(key, view: view, recent: recent, keywords: keywords, saved: saved, now: now)
        }
        switch key {
        case .all: self = .constant(true)
        case .flag(.fixed(let flags)): self = .flags(flags)
        // A keyword that nobody made is on no message.
        case .flag(.keyword(let name)): self = keywords.flag(named: name).map { .flags($0) } ?? .constant(false)
        case .recent: self = .uids(recent)
        case .sequence(let set) where set.isSaved: self = .uids(saved)
        case .uid(let set) where set.isSaved: self = .uids(saved)
        case .sequence(let set): self = .uids(try view.members(of: set, byUID: false))
        case .uid(let set): self = .uids(try view.members(of: set, byUID: true))
        case .before(let date): self = .internalDay(Int.min...(date.daysSince1970 - 1))
        case .on(let date): self = .internalDay(date.daysSince1970...date.daysSince1970)
        case .since(let date): self = .internalDay(date.daysSince1970...Int.max)
        case .sentBefore(let date): self = .sentDay(Int.min...(date.daysSince1970 - 1))
        case .sentOn(let date): self = .sentDay(date.daysSince1970...date.daysSince1970)
        case .sentSince(let date): self = .sentDay(date.daysSince1970...Int.max)
        case .savedBefore(let date): self = .savedDay(Int.min...(date.daysSince1970 - 1))
        case .savedOn(let date): self = .savedDay(date.daysSince1970...date.daysSince1970)
        case .savedSince(let date): self = .savedDay(date.daysSince1970...Int.max)
        case .larger(let octets): self = .larger(octets)
        case .smaller(let octets): self = .smaller(octets)
        case .modSeq(let modSeq): self = .modSeq(modSeq)
        // Told by UIDs before it comes here.
        case .emailID, .threadID: self = .constant(false)
        // RFC 5032 §3: both ends belong to both.
        case .younger(let seconds): self = .internalTime(now - Int64(seconds)...Int64.max)
        case .older(let seconds): self = .internalTime(Int64.min...now - Int64(seconds))
        case .bcc(let text): self = .field(FieldText("bcc", text))
        case .cc(let text): self = .field(FieldText("cc", text))
        case .from(let text): self = .field(FieldText("from", text))
        case .to(let text): self = .field(FieldText("to", text))
        case .subject(let text): self = .field(FieldText("subject", text))
        case .header(let name, let text): self = .field(FieldText(name, text))
        case .body(let text): self = text.isEmpty ? .constant(true) : .body(Needle(text))
        case .text(let text): self = text.isEmpty ? .constant(true) : .text(Needle(text))
        case .not(let key): self = .not(try make(key))
        case .or(let first, let second): self = .any([try make(first), try make(second)])
        case .and(let keys):
            var conditions: [Condition] = []
            for key in keys { conditions.append(try make(key)) }
            // What the narrow row tells comes first: it may spare the rest.
            self = .all(conditions.filter { $0.depth == .row } + conditions.filter { $0.depth != .row })
        }
    }

    /// What of a message must be read to decide.
    enum Depth: Int, Comparable, Sendable {
        case row
        /// Fields that are kept apart.
        case fields
        case header
        case body

        static func < (left: Depth, right: Depth) -> Bool { left.rawValue < right.rawValue }
    }

    var depth: Depth {
        switch self {
        case .constant, .flags, .uids, .internalDay, .sentDay, .savedDay, .larger, .smaller, .modSeq, .internalTime:
            .row
        case .field(let text): text.isKept ? .fields : .header
        case .body, .text: .body
        case .indexed(_, let condition), .not(let condition): condition.depth
        case .any(let conditions), .all(let conditions): conditions.map(\.depth).max() ?? .row
        }
    }

    /// Whether the narrow row alone decides of no message.
    var isDecidedByText: Bool {
        switch self {
        case .not(let condition): condition.isDecidedByText
        case .any(let conditions), .all(let conditions): conditions.allSatisfy(\.isDecidedByText)
        default: depth != .row
        }
    }

    /// Whether fields that are kept apart may decide.
    var asksKeptFields: Bool {
        switch self {
        case .field(let text): text.isKept
        case .indexed(_, let condition), .not(let condition): condition.asksKeptFields
        case .any(let conditions), .all(let conditions): conditions.contains { $0.asksKeptFields }
        default: false
        }
    }

    /// What of the narrow row, beside the UID, is looked at.
    var columns: NarrowColumns {
        switch self {
        case .constant, .uids: []
        case .flags: .flags
        case .larger, .smaller: .size
        case .internalDay, .internalTime: .internalDate
        case .sentDay: .sentDate
        case .savedDay: .savedAt
        case .modSeq: .modSeq
        case .field, .body, .text, .indexed: .messageID
        case .not(let condition): condition.columns
        case .any(let conditions), .all(let conditions): conditions.reduce([]) { $0.union($1.columns) }
        }
    }

    /// Whether the `filter` and the `bound` together are all there is to it.
    var isFilter: Bool {
        switch self {
        case .constant(true), .flags: true
        case .not(.flags(let flags)): flags.rawValue.nonzeroBitCount == 1
        case .all(let conditions): conditions.allSatisfy(\.isFilter)
        default: false
        }
    }

    /// UIDs outside of which nothing can match; nil for no bound.
    var bound: UIDRuns? {
        switch self {
        case .uids(let uids): uids
        case .constant(false): UIDRuns()
        case .all(let conditions):
            conditions.compactMap(\.bound).reduce(nil as UIDRuns?) { bound, uids in
                bound.map { $0.intersection(uids.ranges) } ?? uids
            }
        default: nil
        }
    }

    /// Flags that every match has, or lacks.
    var filter: FlagFilter {
        switch self {
        case .flags(let flags): FlagFilter(set: flags)
        case .not(.flags(let flags)) where flags.rawValue.nonzeroBitCount == 1: FlagFilter(clear: flags)
        case .all(let conditions):
            conditions.map(\.filter).reduce(FlagFilter()) {
                FlagFilter(set: $0.set.union($1.set), clear: $0.clear.union($1.clear))
            }
        default: FlagFilter()
        }
    }
}

/// A text that is looked for in the fields of one name.
final class FieldText: Sendable {
    /// Lower case.
    let name: String
    let nameOctets: [UInt8]
    /// It is one of the fields that are kept apart.
    let isKept: Bool
    let needle: Needle

    init(_ name: String, _ text: String) {
        self.name = name.lowercased()
        nameOctets = Array(self.name.utf8)
        isKept = HeaderFields.cover([self.name])
        needle = Needle(text)
    }
}
