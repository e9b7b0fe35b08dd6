extension CommandSyntax {
    static let check = CommandSyntax("CHECK", in: .selected, .request(.check))
    static let close = CommandSyntax("CLOSE", in: .selected, .request(.close))
    /// RFC 3691.
    static let unselect = CommandSyntax("UNSELECT", in: .selected, .request(.unselect))
    static let expunge = CommandSyntax("EXPUNGE", in: .selected, .request(.expunge(uids: nil)))
    /// RFC 4315 §2.1.
    static let uidExpunge = CommandSyntax("UID EXPUNGE", in: .selected) { p throws(SyntaxError) in
        try p.space()
        return .request(.expunge(uids: try p.sequenceSet()))
    }
}
