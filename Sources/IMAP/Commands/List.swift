/// The arguments of LIST (RFC 3501 §6.3.8, RFC 5258 §3, RFC 6154 §5.2, RFC 5819) and LSUB.
public struct List: Hashable, Sendable {
    /// `list-select-opts` (RFC 5258 §3.1).
    public struct Selection: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let subscribed = Selection(rawValue: 1)
        public static let remote = Selection(rawValue: 2)
        public static let recursiveMatch = Selection(rawValue: 4)
        public static let specialUse = Selection(rawValue: 8)
    }

    /// `list-return-opts` (RFC 5258 §3.2).
    public struct Return: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let subscribed = Return(rawValue: 1)
        public static let children = Return(rawValue: 2)
        public static let specialUse = Return(rawValue: 4)
        /// RFC 8440: a MYRIGHTS response for each mailbox.
        public static let myRights = Return(rawValue: 8)
    }

    /// The reference as written, UTF-8.
    public var reference: String
    /// 1 to 64, the reference in front of each. The empty pattern asks for the delimiter and the root of the reference
    /// (RFC 3501 §6.3.8); see `asksForDelimiter`.
    public var patterns: [ListPattern]
    public var selection: Selection
    /// A basic LIST returns CHILDREN and SPECIAL-USE attributes here too (RFC 3348, RFC 6154 §2 allow it).
    public var returned: Return
    /// RFC 5819: a STATUS response for each mailbox.
    public var statusItems: [StatusItem]
    /// RFC 9590: a METADATA response for each mailbox.
    public var metadata: MetadataQuery?
    /// `LIST reference ""`: answer with the delimiter alone.
    public var asksForDelimiter: Bool
    /// Written with what RFC 5258 §3 adds, so that the client knows \NonExistent.
    public var isExtended: Bool

    public static let patternsMax = 64

    public init(
        reference: String = "", patterns: [ListPattern], selection: Selection = [],
        returned: Return = [.children, .specialUse], statusItems: [StatusItem] = [], asksForDelimiter: Bool = false,
        isExtended: Bool = false
    ) {
        self.reference = reference
        self.patterns = patterns
        self.selection = selection
        self.returned = returned
        self.statusItems = statusItems
        self.asksForDelimiter = asksForDelimiter
        self.isExtended = isExtended
    }

    /// Whether any pattern matches.
    public func matches(_ name: MailboxName) -> Bool { patterns.contains { $0.matches(name.text) } }
}

extension CommandSyntax {
    static let list = CommandSyntax("LIST", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        return .request(.list(try p.list()))
    }

    /// RFC 3501 §6.3.9.
    static let lsub = CommandSyntax("LSUB", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        let reference = try p.decodedListMailbox(try p.astring())
        try p.space()
        let pattern = try p.decodedListMailbox(try p.listMailbox())
        return .request(.lsub(try p.basicList(reference, pattern)))
    }
}

extension Parser {
    /// Parses the arguments of LIST:
    ///
    ///     list     = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
    ///     mbox-or-pat = list-mailbox / "(" list-mailbox *(SP list-mailbox) ")"        ; RFC 5258 §6
    fileprivate mutating func list() throws(SyntaxError) -> List {
        var selection: List.Selection?
        if next == UInt8(ascii: "(") {
            selection = try selectionOptions()
            try space()
        }
        let reference = try decodedListMailbox(try astring())
        try space()
        guard next == UInt8(ascii: "(") || selection != nil || mayHaveReturnOptions else {
            return try basicList(reference, try decodedListMailbox(try listMailbox()))
        }
        let hasPatternList = next == UInt8(ascii: "(")
        let patterns: [String] =
            if hasPatternList {
                try list(of: "mbox-or-pat", max: List.patternsMax) { p throws(SyntaxError) in
                    try p.decodedListMailbox(try p.listMailbox())
                }
            } else {
                [try decodedListMailbox(try listMailbox())]
            }
        if !hasPatternList, selection == nil, isAtEnd, let only = patterns.first {
            return try basicList(reference, only)
        }
        var list = List(reference: reference, patterns: [], selection: selection ?? [], returned: [], isExtended: true)
        for pattern in patterns { list.patterns.append(try listPattern(reference, pattern)) }
        if take(" ") { try returnOptions(into: &list) }
        return list
    }

    /// RFC 5258 §3: a LIST is extended by options too that come only behind the pattern.
    private var mayHaveReturnOptions: Bool { octets.last == UInt8(ascii: ")") }

    fileprivate func basicList(_ reference: String, _ pattern: String) throws(SyntaxError) -> List {
        List(
            reference: reference, patterns: [try listPattern(reference, pattern)], asksForDelimiter: pattern.isEmpty)
    }

    private func listPattern(_ reference: String, _ pattern: String) throws(SyntaxError) -> ListPattern {
        guard let pattern = ListPattern(reference: reference, pattern: pattern) else {
            throw .limitExceeded("wildcards of list-mailbox", max: ListPattern.wildcardsMax)
        }
        return pattern
    }

    /// Wildcards are US-ASCII and never part of a base64 run, so that a pattern decodes as a name does.
    fileprivate func decodedListMailbox(_ octets: [UInt8]) throws(SyntaxError) -> String {
        guard octets.count <= 4 * ListPattern.octetsMax else {
            throw .limitExceeded("octets of list-mailbox", max: 4 * ListPattern.octetsMax)
        }
        return String(decoding: try decodedName(octets), as: UTF8.self)
    }

    /// `list-select-opts = "(" [list-select-opt *(SP list-select-opt)] ")"`
    private mutating func selectionOptions() throws(SyntaxError) -> List.Selection {
        let start = position
        var selection: List.Selection = []
        for word in try list(of: "list-select-opts", max: 16, emptyAllowed: true, Self.optionName) {
            switch word {
            case "SUBSCRIBED": selection.insert(.subscribed)
            case "REMOTE": selection.insert(.remote)
            case "RECURSIVEMATCH": selection.insert(.recursiveMatch)
            case "SPECIAL-USE": selection.insert(.specialUse)
            default: throw .expected("list-select-opt", at: start)
            }
        }
        // RFC 5258 §3.1: RECURSIVEMATCH cannot stand alone or with REMOTE only.
        if selection.contains(.recursiveMatch), selection.isDisjoint(with: [.subscribed, .specialUse]) {
            throw .expected("list-select-base-opt beside RECURSIVEMATCH", at: start)
        }
        return selection
    }

    /// `list-return-opts = "RETURN" SP "(" [return-option *(SP return-option)] ")"`
    private mutating func returnOptions(into list: inout List) throws(SyntaxError) {
        guard take(word: "RETURN ") else { throw expected("RETURN") }
        var statusItems: [StatusItem] = []
        var returned: List.Return = []
        var metadata: MetadataQuery?
        _ = try self.list(of: "list-return-opts", max: 16, emptyAllowed: true) { p throws(SyntaxError) in
            let start = p.position
            switch try Self.optionName(&p) {
            case "SUBSCRIBED": returned.insert(.subscribed)
            case "CHILDREN": returned.insert(.children)
            case "SPECIAL-USE": returned.insert(.specialUse)
            case "MYRIGHTS": returned.insert(.myRights)
            case "STATUS":
                try p.space()
                statusItems = try p.statusItems()
            case "METADATA":
                try p.space()
                var query = MetadataQuery(entries: [])
                if try p.metadataOptions(into: &query) { try p.space() }
                query.entries = try p.metadataEntries()
                metadata = query
            default: throw .expected("return-option", at: start)
            }
        }
        list.returned = returned
        list.statusItems = statusItems
        list.metadata = metadata
    }

    private static func optionName(_ p: inout Parser) throws(SyntaxError) -> String { try p.keyword("option") }
}
