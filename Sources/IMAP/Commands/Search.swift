/// The arguments of SEARCH (RFC 3501 §6.4.4).
public struct Search: Hashable, Sendable {
    public var key: SearchKey
    public var byUID: Bool

    public init(_ key: SearchKey, byUID: Bool = false) {
        self.key = key
        self.byUID = byUID
    }
}

extension CommandSyntax {
    static let search = CommandSyntax("SEARCH", in: .selected) { p throws(SyntaxError) in try p.search(byUID: false) }
    static let uidSearch = CommandSyntax("UID SEARCH", in: .selected) { p throws(SyntaxError) in
        try p.search(byUID: true)
    }
}

extension Parser {
    /// `search = "SEARCH" [SP "CHARSET" SP astring] 1*(SP search-key)`
    fileprivate mutating func search(byUID: Bool) throws(SyntaxError) -> Command {
        try space()
        var charset = SearchCharset.unnamed
        if take(word: "CHARSET ") {
            let name = try text("charset", octetsMax: 64)
            guard let known = SearchCharset(name) else { throw .badCharset }
            charset = known
            try space()
        }
        var budget = SearchBudget()
        return .request(.search(Search(try searchKeys(charset, &budget), byUID: byUID)))
    }
}
