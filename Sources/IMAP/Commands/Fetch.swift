public import MailCore

/// What FETCH asks of each message (`fetch-att`, RFC 3501 §6.4.5).
public enum FetchItem: Hashable, Sendable {
    case flags
    case uid
    case internalDate
    case rfc822Size
    case envelope
    /// BODY: the structure without its extension data.
    case body
    case bodyStructure
    /// BODY[section]<partial>, or BODY.PEEK: then the message does not become seen.
    case section(SectionSpec, partial: Partial?, peek: Bool)
    /// BINARY[part]<partial>, or BINARY.PEEK: the part without its transfer encoding (RFC 3516 §4.2).
    case binary([UInt32], partial: Partial?, peek: Bool)
    /// How many octets that is (RFC 3516 §4.3).
    case binarySize([UInt32])
    /// As BODY[], with another name in the response.
    case rfc822
    /// As BODY.PEEK[HEADER], with another name in the response.
    case rfc822Header
    /// As BODY[TEXT], with another name in the response.
    case rfc822Text
    /// RFC 7162 §3.1.5.
    case modSeq
    /// RFC 8474 §5.
    case emailID
    case threadID
    /// RFC 8514 §4.
    case saveDate
    /// RFC 8970 §3.
    case preview(lazy: Bool)

    public static let countMax = 256

    /// Whether fetching it sets `\Seen` (RFC 3501 §6.4.5).
    public var marksSeen: Bool {
        switch self {
        case .section(_, _, let peek), .binary(_, _, let peek): !peek
        case .rfc822, .rfc822Text: true
        case .flags, .uid, .internalDate, .rfc822Size, .envelope, .body, .bodyStructure, .rfc822Header, .modSeq,
            .emailID, .threadID, .saveDate, .preview, .binarySize:
            false
        }
    }
}

/// The arguments of FETCH.
public struct Fetch: Hashable, Sendable {
    public var set: SequenceSet
    /// Macros replaced by what they stand for; none twice. UID is among them whenever `byUID` (RFC 3501 §6.4.8).
    public var items: [FetchItem]
    public var byUID: Bool
    /// Only messages with a higher mod-sequence (RFC 7162 §3.1.4.1). MODSEQ is among the items then.
    public var changedSince: ModSeq?
    /// With `changedSince` and `byUID`: UIDs of the set that are gone since are told first (RFC 7162 §3.2.6).
    public var tellsVanished: Bool
    /// Only these of the messages of the set (RFC 9394 §3.3); with `byUID` only.
    public var partial: PartialRange?

    public init(
        _ set: SequenceSet, _ items: [FetchItem], byUID: Bool = false, changedSince: ModSeq? = nil,
        tellsVanished: Bool = false, partial: PartialRange? = nil
    ) {
        self.set = set
        self.items = items
        self.byUID = byUID
        self.changedSince = changedSince
        self.tellsVanished = tellsVanished
        self.partial = partial
    }
}

extension CommandSyntax {
    static let fetch = CommandSyntax("FETCH", in: .selected) { p throws(SyntaxError) in try p.fetch(byUID: false) }
    static let uidFetch = CommandSyntax("UID FETCH", in: .selected) { p throws(SyntaxError) in try p.fetch(byUID: true)
    }
}

extension Parser {
    /// `fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")
    /// [SP fetch-modifiers]`
    fileprivate mutating func fetch(byUID: Bool) throws(SyntaxError) -> Command {
        try space()
        let set = try sequenceSet()
        try space()
        var items: [FetchItem] =
            if next == UInt8(ascii: "(") {
                try list(of: "fetch-att", max: FetchItem.countMax) { p throws(SyntaxError) in try p.fetchItem() }
            } else if let macro = fetchMacro() {
                macro
            } else {
                [try fetchItem()]
            }
        var fetch = Fetch(set, [], byUID: byUID)
        if take(" ") { try modifiers(of: &fetch) }
        if byUID { items.insert(.uid, at: 0) }
        if fetch.changedSince != nil { items.append(.modSeq) }
        var seen: Set<FetchItem> = []
        fetch.items = items.filter { seen.insert($0).inserted }
        return .request(.fetch(fetch))
    }

    /// `"(" fetch-modifier *(SP fetch-modifier) ")"` (RFC 4466 §6): `"CHANGEDSINCE" SP mod-sequence-value / "VANISHED"`
    private mutating func modifiers(of fetch: inout Fetch) throws(SyntaxError) {
        let start = position
        _ = try list(of: "fetch-modifier", max: 8) { p throws(SyntaxError) in
            let start = p.position
            switch try p.keyword("fetch-modifier") {
            case "CHANGEDSINCE":
                try p.space()
                fetch.changedSince = try p.modSeqOrZero()
            case "PARTIAL" where fetch.byUID:
                try p.space()
                fetch.partial = try p.partialRange()
            case "VANISHED" where fetch.byUID:
                guard p.features.contains(.qresync) else { throw .notEnabled("QRESYNC") }
                fetch.tellsVanished = true
            default: throw .expected("fetch-modifier", at: start)
            }
        }
        // RFC 7162 §3.2.6: the one asks from when on the other is meant.
        guard !fetch.tellsVanished || fetch.changedSince != nil else {
            throw .expected("CHANGEDSINCE beside VANISHED", at: start)
        }
    }

    private mutating func fetchMacro() -> [FetchItem]? {
        let fast: [FetchItem] = [.flags, .internalDate, .rfc822Size]
        if take(word: "ALL") { return fast + [.envelope] }
        if take(word: "FULL") { return fast + [.envelope, .body] }
        if take(word: "FAST") { return fast }
        return nil
    }

    mutating func fetchItem() throws(SyntaxError) -> FetchItem {
        let start = position
        let name = String(decoding: run { $0.isAtomChar && $0 != UInt8(ascii: "[") }.map(\.uppercased), as: UTF8.self)
        switch name {
        case "FLAGS": return .flags
        case "UID": return .uid
        case "INTERNALDATE": return .internalDate
        case "ENVELOPE": return .envelope
        case "RFC822.SIZE": return .rfc822Size
        case "RFC822": return .rfc822
        case "RFC822.HEADER": return .rfc822Header
        case "RFC822.TEXT": return .rfc822Text
        case "BODYSTRUCTURE": return .bodyStructure
        case "BODY.PEEK": return .section(try section(), partial: try partial(), peek: true)
        case "BINARY": return .binary(try binarySection(), partial: try partial(), peek: false)
        case "BINARY.PEEK": return .binary(try binarySection(), partial: try partial(), peek: true)
        case "BINARY.SIZE": return .binarySize(try binarySection())
        case "BODY":
            guard next == UInt8(ascii: "[") else { return .body }
            return .section(try section(), partial: try partial(), peek: false)
        default:
            if let item = try extendedFetchItem(name) { return item }
            throw .expected("fetch-att", at: start)
        }
    }

    private mutating func extendedFetchItem(_ name: String) throws(SyntaxError) -> FetchItem? {
        switch name {
        case "MODSEQ": return .modSeq
        case "EMAILID": return .emailID
        case "THREADID": return .threadID
        case "SAVEDATE": return .saveDate
        case "PREVIEW": return .preview(lazy: take(word: " (LAZY)"))
        default: return nil
        }
    }
}
