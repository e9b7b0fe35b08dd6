/// The arguments of SEARCH (RFC 3501 §6.4.4).
public struct Search: Hashable, Sendable {
    /// What the client wants to know of the result (RFC 4731 §3.1, RFC 5182 §2.1).
    public struct Returns: OptionSet, Hashable, Sendable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let min = Returns(rawValue: 1 << 0)
        public static let max = Returns(rawValue: 1 << 1)
        public static let all = Returns(rawValue: 1 << 2)
        public static let count = Returns(rawValue: 1 << 3)
        /// The result is kept as "$".
        public static let save = Returns(rawValue: 1 << 4)
        /// Only a range of the results (RFC 9394 §3.1): `partial` says which.
        public static let partial = Returns(rawValue: 1 << 5)
    }

    public var key: SearchKey
    public var byUID: Bool
    /// Nil: the answer is `* SEARCH`; else `* ESEARCH`, and none at all for SAVE alone.
    public var returns: Returns?
    /// For the search correlator of ESEARCH (RFC 4466 §2.6.2); empty where that is not the answer.
    public var tag: String
    public var partial: PartialRange?
    /// The result is to be kept up to date (RFC 5267 §4.3); nil when not.
    public var update: Update?

    public struct Update: Hashable, Sendable {
        /// Of what comes into the result (RFC 5465 §7).
        public var fetched: [FetchItem]

        public init(fetched: [FetchItem] = []) { self.fetched = fetched }
    }

    public init(
        _ key: SearchKey, byUID: Bool = false, returns: Returns? = nil, tag: String = "", partial: PartialRange? = nil
    ) {
        self.key = key
        self.byUID = byUID
        self.returns = returns
        self.tag = tag
        self.partial = partial
    }
}

extension CommandSyntax {
    static let search = CommandSyntax("SEARCH", in: .selected) { p throws(SyntaxError) in try p.search(byUID: false) }
    static let uidSearch = CommandSyntax("UID SEARCH", in: .selected) { p throws(SyntaxError) in
        try p.search(byUID: true)
    }
}

extension Parser {
    /// Parses the arguments of SEARCH:
    ///
    ///     search             = "SEARCH" [search-return-opts] SP search-program             ; RFC 4466 §6
    ///     search-program     = ["CHARSET" SP astring SP] search-key *(SP search-key)
    ///     search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
    fileprivate mutating func search(byUID: Bool) throws(SyntaxError) -> Command {
        try space()
        var search = Search(.all, byUID: byUID)
        try searchReturns(of: &search)
        var charset = SearchCharset.unnamed
        if take(word: "CHARSET ") {
            let name = try text("charset", octetsMax: 64)
            guard let known = SearchCharset(name) else { throw .badCharset }
            charset = known
            try space()
        }
        var budget = SearchBudget()
        search.key = try searchKeys(charset, &budget)
        return .request(.search(search))
    }

    /// `[search-return-opts SP]`; RFC 9051 §6.4.4: with IMAP4rev2 every SEARCH is answered as if it had them.
    mutating func searchReturns(of search: inout Search) throws(SyntaxError) {
        guard take(word: "RETURN (") else {
            if features.contains(.rev2) {
                search.returns = .all
                search.tag = commandTag
            }
            return
        }
        rewind(to: position - 1)
        search.returns = try searchReturns(&search.partial, &search.update)
        search.tag = commandTag
        try space()
    }

    private mutating func searchReturns(
        _ partial: inout PartialRange?, _ update: inout Search.Update?
    ) throws(SyntaxError) -> Search.Returns {
        let start = position
        var returns: Search.Returns = []
        _ = try list(of: "search-return-opts", max: 16, emptyAllowed: true) { p throws(SyntaxError) in
            let start = p.position
            switch try p.keyword("search-return-opt") {
            case "MIN": returns.insert(.min)
            case "MAX": returns.insert(.max)
            case "ALL": returns.insert(.all)
            case "COUNT": returns.insert(.count)
            case "SAVE": returns.insert(.save)
            case "PARTIAL" where partial == nil:
                try p.space()
                partial = try p.partialRange()
                returns.insert(.partial)
            // RFC 5267 §4.2: a hint that the search will be asked again.
            case "CONTEXT": break
            case "UPDATE": update = Search.Update(fetched: try p.updateItems())
            default: throw .expected("search-return-opt", at: start)
            }
        }
        // RFC 9394 §3.1: one of them at most.
        guard !returns.isSuperset(of: [.all, .partial]) else { throw .expected("ALL or PARTIAL", at: start) }
        // RFC 4731 §3.1: an empty list means ALL.
        return returns.isEmpty ? .all : returns
    }

    /// `"UPDATE" [SP "(" fetch-att *(SP fetch-att) ")"]` (RFC 5465 §7)
    private mutating func updateItems() throws(SyntaxError) -> [FetchItem] {
        let start = position
        guard take(" "), next == UInt8(ascii: "(") else {
            rewind(to: start)
            return []
        }
        return try list(of: "fetch-att", max: FetchItem.countMax) { p throws(SyntaxError) in try p.fetchItem() }
    }
}
