/// The arguments of SORT (RFC 5256 §3, RFC 5957, RFC 5267 §3).
public struct Sort: Hashable, Sendable {
    public enum Key: String, Hashable, Sendable {
        case arrival = "ARRIVAL"
        case cc = "CC"
        case date = "DATE"
        case from = "FROM"
        case size = "SIZE"
        case subject = "SUBJECT"
        case to = "TO"
        /// RFC 5957 §3: names as they are shown.
        case displayFrom = "DISPLAYFROM"
        case displayTo = "DISPLAYTO"
    }

    public struct Criterion: Hashable, Sendable {
        public var key: Key
        public var isReversed: Bool

        public init(_ key: Key, isReversed: Bool = false) {
            self.key = key
            self.isReversed = isReversed
        }
    }

    /// 1 to 16.
    public var criteria: [Criterion]
    /// Without result options the answer is `* SORT`.
    public var search: Search

    public static let criteriaMax = 16

    public init(_ criteria: [Criterion], _ search: Search) {
        self.criteria = criteria
        self.search = search
    }
}

/// The arguments of THREAD (RFC 5256 §3).
public struct Threading: Hashable, Sendable {
    public enum Algorithm: String, CaseIterable, Hashable, Sendable {
        case orderedSubject = "ORDEREDSUBJECT"
        case references = "REFERENCES"
        /// As REFERENCES without a look at subjects, the thread with the newest message last (draft-ietf-morg-inthread).
        case refs = "REFS"
    }

    public var algorithm: Algorithm
    public var key: SearchKey
    public var byUID: Bool

    public init(_ algorithm: Algorithm, _ key: SearchKey, byUID: Bool = false) {
        self.algorithm = algorithm
        self.key = key
        self.byUID = byUID
    }
}

extension CommandSyntax {
    static let sort = CommandSyntax("SORT", in: .selected) { p throws(SyntaxError) in try p.sort(byUID: false) }
    static let uidSort = CommandSyntax("UID SORT", in: .selected) { p throws(SyntaxError) in try p.sort(byUID: true) }
    static let thread = CommandSyntax("THREAD", in: .selected) { p throws(SyntaxError) in try p.thread(byUID: false) }
    static let uidThread = CommandSyntax("UID THREAD", in: .selected) { p throws(SyntaxError) in
        try p.thread(byUID: true)
    }
}

extension Parser {
    /// Parses the arguments of SORT:
    ///
    ///     sort            = "SORT" [search-return-opts] SP sort-criteria SP search-criteria      ; RFC 5267 §5
    ///     sort-criteria   = "(" sort-criterion *(SP sort-criterion) ")"
    ///     sort-criterion  = ["REVERSE" SP] sort-key
    ///     search-criteria = charset 1*(SP search-key)
    fileprivate mutating func sort(byUID: Bool) throws(SyntaxError) -> Command {
        try space()
        var search = Search(.all, byUID: byUID)
        try searchReturns(of: &search)
        let criteria = try list(of: "sort-criterion", max: Sort.criteriaMax) { p throws(SyntaxError) in
            try p.sortCriterion()
        }
        try space()
        search.key = try searchCriteria()
        return .request(.sort(Sort(criteria, search)))
    }

    private mutating func sortCriterion() throws(SyntaxError) -> Sort.Criterion {
        let isReversed = take(word: "REVERSE ")
        let start = position
        guard let key = Sort.Key(rawValue: try keyword("sort-key")) else { throw .expected("sort-key", at: start) }
        return Sort.Criterion(key, isReversed: isReversed)
    }

    /// `thread = "THREAD" SP thread-alg SP search-criteria`
    fileprivate mutating func thread(byUID: Bool) throws(SyntaxError) -> Command {
        try space()
        let start = position
        guard let algorithm = Threading.Algorithm(rawValue: try keyword("thread-alg")) else {
            throw .expected("thread-alg", at: start)
        }
        try space()
        return .request(.thread(Threading(algorithm, try searchCriteria(), byUID: byUID)))
    }

    private mutating func searchCriteria() throws(SyntaxError) -> SearchKey {
        let name = try text("charset", octetsMax: 64)
        guard let charset = SearchCharset(name) else { throw .badCharset }
        try space()
        var budget = SearchBudget()
        return try searchKeys(charset, &budget)
    }
}
