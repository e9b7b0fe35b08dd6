/// Which mailboxes an ESEARCH looks at (RFC 7377 §2.1, RFC 5465 §6).
public enum MailboxFilter: Hashable, Sendable {
    case selected
    /// Mailboxes that mail is delivered to.
    case inboxes
    case personal
    case subscribed
    case mailboxes([MailboxName])
    /// With all below them.
    case subtree([MailboxName])
    /// With those directly below them.
    case subtreeOne([MailboxName])

    public static let countMax = 16
    public static let mailboxesMax = 256
}

/// The arguments of ESEARCH (RFC 7377 §2.1).
public struct MultiSearch: Hashable, Sendable {
    /// Empty: the selected mailbox.
    public var sources: [MailboxFilter]
    /// By UID, with result options.
    public var search: Search

    public init(_ sources: [MailboxFilter], _ search: Search) {
        self.sources = sources
        self.search = search
    }
}

extension CommandSyntax {
    static let esearch = CommandSyntax("ESEARCH", in: .authenticated) { p throws(SyntaxError) in
        .request(.multiSearch(try p.multiSearch()))
    }
}

extension Parser {
    /// Parses the arguments of ESEARCH:
    ///
    ///     esearch          = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program
    ///     source-opts      = "IN" SP "(" filter-mailboxes *(SP filter-mailboxes) ")"
    ///     filter-mailboxes = "selected" / "inboxes" / "personal" / "subscribed" /
    ///                        ("mailboxes" / "subtree" / "subtree-one") SP one-or-more-mailbox
    ///
    /// Scope options are none known (§2.2).
    fileprivate mutating func multiSearch() throws(SyntaxError) -> MultiSearch {
        try space()
        var sources: [MailboxFilter] = []
        if take(word: "IN (") {
            rewind(to: position - 1)
            sources = try list(of: "filter-mailboxes", max: MailboxFilter.countMax) { p throws(SyntaxError) in
                try p.mailboxFilter()
            }
            try space()
        }
        let start = position
        var search = Search(.all, byUID: true)
        try searchReturns(of: &search)
        search.returns = search.returns ?? .all
        search.tag = commandTag
        // §2.1: what is saved belongs to one mailbox.
        if search.update != nil { throw .expected("search-return-opt but UPDATE", at: start) }
        if search.returns?.contains(.save) == true { throw .expected("search-return-opt but SAVE", at: start) }
        var charset = SearchCharset.unnamed
        if take(word: "CHARSET ") {
            guard let known = SearchCharset(try text("charset", octetsMax: 64)) else { throw .badCharset }
            charset = known
            try space()
        }
        var budget = SearchBudget()
        search.key = try searchKeys(charset, &budget)
        guard !search.key.namesSelected else { throw .expected("search-key without numbers of a mailbox", at: start) }
        return MultiSearch(sources, search)
    }

    mutating func mailboxFilter() throws(SyntaxError) -> MailboxFilter {
        let start = position
        switch try keyword("filter-mailboxes") {
        case "SELECTED": return .selected
        case "INBOXES": return .inboxes
        case "PERSONAL": return .personal
        case "SUBSCRIBED": return .subscribed
        case "MAILBOXES": return .mailboxes(try oneOrMoreMailboxes())
        case "SUBTREE": return .subtree(try oneOrMoreMailboxes())
        case "SUBTREE-ONE": return .subtreeOne(try oneOrMoreMailboxes())
        default: throw .expected("filter-mailboxes", at: start)
        }
    }

    private mutating func oneOrMoreMailboxes() throws(SyntaxError) -> [MailboxName] {
        try space()
        guard next == UInt8(ascii: "(") else { return [try mailbox()] }
        return try list(of: "mailbox", max: MailboxFilter.mailboxesMax) { p throws(SyntaxError) in try p.mailbox() }
    }
}

extension SearchKey {
    /// Sequence numbers, or "$": they mean something in the selected mailbox alone (RFC 7377 §2.1).
    fileprivate var namesSelected: Bool {
        switch self {
        case .sequence: true
        case .uid(let set): set.isSaved
        case .not(let key): key.namesSelected
        case .or(let first, let second): first.namesSelected || second.namesSelected
        case .and(let keys): keys.contains(where: \.namesSelected)
        default: false
        }
    }
}
