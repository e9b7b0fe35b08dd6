extension CommandSyntax {
    /// RFC 9208 §4.1.2.
    static let getQuotaRoot = CommandSyntax("GETQUOTAROOT", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        return .request(.quotaRoot(try p.mailbox()))
    }

    /// RFC 9208 §4.1.3. What a mailbox may hold is set by the administrator (`postino quota set`), so that QUOTASET is not
    /// announced; who asks all the same is told so.
    static let setQuota = CommandSyntax("SETQUOTA", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        _ = try p.text("quota-root-name", octetsMax: 255)
        try p.space()
        _ = try p.list(of: "setquota-resource", max: 16, emptyAllowed: true) { p throws(SyntaxError) in
            _ = try p.keyword("resource-name")
            try p.space()
            _ = try p.number64()
        }
        return .refused(.no(.noPermission, "Quotas are set by the administrator"))
    }

    /// RFC 9208 §4.1.1: a root is named as GETQUOTAROOT tells it.
    static let getQuota = CommandSyntax("GETQUOTA", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        return .request(.quota(root: try p.text("quota-root-name", octetsMax: 255)))
    }
}
