import MailCore

/// Who may do what with a mailbox (RFC 4314 §3).
extension CommandSyntax {
    /// `setacl = "SETACL" SP mailbox SP identifier SP mod-rights`
    static let setACL = CommandSyntax("SETACL", in: .authenticated) { p throws(SyntaxError) in
        let (mailbox, identifier) = try p.mailboxAndIdentifier()
        try p.space()
        return .request(.setACL(mailbox, identifier, try p.rightsChange()))
    }

    /// `deleteacl = "DELETEACL" SP mailbox SP identifier`
    static let deleteACL = CommandSyntax("DELETEACL", in: .authenticated) { p throws(SyntaxError) in
        let (mailbox, identifier) = try p.mailboxAndIdentifier()
        return .request(.setACL(mailbox, identifier, .replace([])))
    }

    /// `listrights = "LISTRIGHTS" SP mailbox SP identifier`
    static let listRights = CommandSyntax("LISTRIGHTS", in: .authenticated) { p throws(SyntaxError) in
        let (mailbox, identifier) = try p.mailboxAndIdentifier()
        return .request(.listRights(mailbox, identifier))
    }

    static let getACL = CommandSyntax("GETACL", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        return .request(.getACL(try p.mailbox()))
    }

    static let myRights = CommandSyntax("MYRIGHTS", in: .authenticated) { p throws(SyntaxError) in
        try p.space()
        return .request(.myRights(try p.mailbox()))
    }
}

extension Parser {
    fileprivate mutating func mailboxAndIdentifier() throws(SyntaxError) -> (MailboxName, String) {
        try space()
        let mailbox = try mailbox()
        try space()
        return (mailbox, try identifier())
    }

    /// `identifier = astring`: an address of this server, or "anyone".
    ///
    /// RFC 4314 §3 prepares identifiers by SASLprep. Those that there are here are US-ASCII or plain letters, whose
    /// preparation is what they are; one that SASLprep forbids is BAD, as an empty one.
    private mutating func identifier() throws(SyntaxError) -> String {
        let start = position
        let text = try text("identifier", octetsMax: 320)
        guard !text.isEmpty, !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw .expected("identifier", at: start)
        }
        return text
    }

    /// `mod-rights = astring ; +rights to add, -rights to remove, rights to replace`
    ///
    /// RFC 4314 §3.1: a letter that is no right makes the command BAD.
    fileprivate mutating func rightsChange() throws(SyntaxError) -> RightsChange {
        let start = position
        let text = try text("mod-rights", octetsMax: 64)
        let sign = text.first.flatMap { $0 == "+" || $0 == "-" ? $0 : nil }
        guard let rights = MailboxRights(letters: sign == nil ? text : String(text.dropFirst())) else {
            throw .expected("rights among \(String(MailboxRights.letters))cd", at: start)
        }
        switch sign {
        case "+": return .add(rights)
        case "-": return .remove(rights)
        default: return .replace(rights)
        }
    }
}
