/// The commands whose argument is the name of a mailbox (RFC 3501 §6.3.1 to §6.3.7).
extension CommandSyntax {
    static let select = named("SELECT") { .select($0) }
    static let examine = named("EXAMINE") { .examine($0) }
    static let delete = named("DELETE") { .delete($0) }
    static let subscribe = named("SUBSCRIBE") { .subscribe($0) }
    static let unsubscribe = named("UNSUBSCRIBE") { .unsubscribe($0) }

    static let create = CommandSyntax("CREATE", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        return .request(.create(try p.mailbox(trailingDelimiter: true)))
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
