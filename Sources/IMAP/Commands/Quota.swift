extension CommandSyntax {
    /// RFC 9208 §4.1.2.
    static let getQuotaRoot = CommandSyntax("GETQUOTAROOT", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        return .request(.quotaRoot(try p.mailbox()))
    }

    /// RFC 9208 §4.1.1: a root is named as GETQUOTAROOT tells it.
    static let getQuota = CommandSyntax("GETQUOTA", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        return .request(.quota(root: try p.text("quota-root-name", octetsMax: 255)))
    }
}
