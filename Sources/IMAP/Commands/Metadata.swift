/// Which notes are asked for (GETMETADATA, RFC 5464 §4.2; LIST's METADATA, RFC 9590).
public struct MetadataQuery: Hashable, Sendable {
    /// How far below the named entries (RFC 5464 §4.2.2).
    public enum Depth: String, Hashable, Sendable {
        case zero = "0"
        case one = "1"
        case infinity = "INFINITY"
    }

    /// 1 to 64, in lower case.
    public var entries: [String]
    /// Longer values are left out (RFC 5464 §4.2.1).
    public var octetsMax: Int?
    public var depth: Depth

    public static let entriesMax = 64

    public init(entries: [String], octetsMax: Int? = nil, depth: Depth = .zero) {
        self.entries = entries
        self.octetsMax = octetsMax
        self.depth = depth
    }

    /// Whether a note of that name is meant.
    public func matches(_ name: String) -> Bool {
        entries.contains { entry in
            if name == entry { return true }
            guard name.utf8.count > entry.utf8.count + 1, name.hasPrefix("\(entry)/") else { return false }
            switch depth {
            case .zero: return false
            case .one: return !name.utf8.dropFirst(entry.utf8.count + 1).contains(.slash)
            case .infinity: return true
            }
        }
    }
}

/// What a note becomes; nil removes it (RFC 5464 §4.3).
public struct MetadataChange: Hashable, Sendable {
    /// In lower case.
    public var entry: String
    public var value: [UInt8]?

    public init(_ entry: String, _ value: [UInt8]?) {
        self.entry = entry
        self.value = value
    }
}

extension CommandSyntax {
    /// `getmetadata = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries` (RFC 5464 §5)
    static let getMetadata = CommandSyntax("GETMETADATA", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        var query = MetadataQuery(entries: [])
        if try p.metadataOptions(into: &query) { try p.space() }
        let mailbox = try p.annotatedMailbox()
        try p.space()
        // Where the examples of some clients have them.
        if try p.metadataOptions(into: &query) { try p.space() }
        query.entries = try p.metadataEntries()
        return .request(.getMetadata(mailbox, query))
    }

    /// `setmetadata = "SETMETADATA" SP mailbox SP entry-values` (RFC 5464 §5)
    static let setMetadata = CommandSyntax("SETMETADATA", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        let mailbox = try p.annotatedMailbox()
        try p.space()
        let changes = try p.list(of: "entry-value", max: MetadataQuery.entriesMax) { p throws(SyntaxError) in
            let entry = try p.metadataEntry()
            try p.space()
            return MetadataChange(entry, try p.metadataValue())
        }
        return .request(.setMetadata(mailbox, changes))
    }
}

extension Parser {
    /// `entries = entry / "(" entry *(SP entry) ")"`
    mutating func metadataEntries() throws(SyntaxError) -> [String] {
        guard next == UInt8(ascii: "(") else { return [try metadataEntry()] }
        return try list(of: "entry", max: MetadataQuery.entriesMax) { p throws(SyntaxError) in try p.metadataEntry() }
    }

    /// `getmetadata-options = "(" getmetadata-option *(SP getmetadata-option) ")"`; false where there are none.
    mutating func metadataOptions(into query: inout MetadataQuery) throws(SyntaxError) -> Bool {
        let start = position
        guard take("("), let first = next, first != UInt8(ascii: "/"), first != .doubleQuote else {
            rewind(to: start)
            return false
        }
        rewind(to: start)
        var octetsMax: Int?
        var depth: MetadataQuery.Depth?
        _ = try list(of: "getmetadata-options", max: 8) { p throws(SyntaxError) in
            let start = p.position
            switch try p.keyword("getmetadata-option") {
            case "MAXSIZE":
                try p.space()
                octetsMax = Int(try p.number())
            case "DEPTH":
                try p.space()
                depth = MetadataQuery.Depth(rawValue: try p.keyword("scope-option"))
                guard depth != nil else { throw .expected("scope-option", at: start) }
            default: throw .expected("getmetadata-option", at: start)
            }
        }
        if let octetsMax { query.octetsMax = octetsMax }
        if let depth { query.depth = depth }
        return true
    }

    /// The empty name is the server itself (RFC 5464 §4): nil.
    fileprivate mutating func annotatedMailbox() throws(SyntaxError) -> MailboxName? {
        let start = position
        if try astring().isEmpty { return nil }
        rewind(to: start)
        return try mailbox()
    }

    /// `entry = astring`: slash-separated, case-insensitive, of /private or /shared (RFC 5464 §3.2, §5).
    fileprivate mutating func metadataEntry() throws(SyntaxError) -> String {
        let start = position
        let octets = try astring()
        guard octets.count <= 255 else { throw .limitExceeded("octets of an entry", max: 255) }
        let isPlain = octets.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "*") && $0 != UInt8(ascii: "%") }
        let name = String(decoding: octets, as: UTF8.self).lowercased()
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard isPlain, parts.count >= 2, parts[0].isEmpty, parts[1] == "private" || parts[1] == "shared",
            !parts.dropFirst().contains("")
        else { throw .expected("entry", at: start) }
        return name
    }

    /// `value = nstring / literal8`
    fileprivate mutating func metadataValue() throws(SyntaxError) -> [UInt8]? {
        next == UInt8(ascii: "~") ? try literal8() : try nstring()
    }
}
