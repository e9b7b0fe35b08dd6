import MailCore

/// The commands whose argument is the name of a mailbox (RFC 3501 §6.3.3 to §6.3.7).
extension CommandSyntax {
    static let delete = named("DELETE") { .delete($0) }
    static let subscribe = named("SUBSCRIBE") { .subscribe($0) }
    static let unsubscribe = named("UNSUBSCRIBE") { .unsubscribe($0) }

    static let create = CommandSyntax("CREATE", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        let mailbox = try p.mailbox(trailingDelimiter: true)
        return .request(.create(mailbox, p.take(" ") ? try p.createUses() : []))
    }

    static let rename = CommandSyntax("RENAME", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        let old = try p.mailbox()
        try p.space()
        return .request(.rename(old, to: try p.mailbox(trailingDelimiter: true)))
    }

    private static func named(
        _ name: String, _ request: @escaping @Sendable (MailboxName) -> ServerSession.Request
    ) -> CommandSyntax {
        CommandSyntax(name, in: .authenticated) { p throws(SyntaxError) in
            try p.space()
            return .request(request(try p.mailbox()))
        }
    }
}

extension Parser {
    /// `"(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"` (RFC 6154 §6)
    fileprivate mutating func createUses() throws(SyntaxError) -> SpecialUse {
        guard take(word: "(USE ") else { throw expected("create-param") }
        var uses: SpecialUse = []
        for use in try list(
            of: "use-attr", max: 16, emptyAllowed: true, { p throws(SyntaxError) in try p.specialUse() })
        {
            uses.formUnion(use)
        }
        try require(")")
        return uses
    }

    private mutating func specialUse() throws(SyntaxError) -> SpecialUse {
        let start = position
        guard take("\\") else { throw expected("use-attr") }
        let name = "\\" + (try keyword("use-attr"))
        guard let bit = SpecialUse.names.firstIndex(where: { $0.uppercased() == name }) else {
            throw .expected("use-attr", at: start)
        }
        return SpecialUse(rawValue: 1 << Int64(bit))
    }
}
