/// The arguments of COPY (RFC 3501 §6.4.7) and MOVE (RFC 6851 §3.1).
public struct Transfer: Hashable, Sendable {
    public var set: SequenceSet
    public var destination: MailboxName
    public var byUID: Bool

    public init(_ set: SequenceSet, to destination: MailboxName, byUID: Bool = false) {
        self.set = set
        self.destination = destination
        self.byUID = byUID
    }
}

extension CommandSyntax {
    static let copy = CommandSyntax("COPY", in: .selected) { p throws(SyntaxError) in
        .request(.copy(try p.transfer(byUID: false)))
    }
    static let uidCopy = CommandSyntax("UID COPY", in: .selected) { p throws(SyntaxError) in
        .request(.copy(try p.transfer(byUID: true)))
    }
    static let move = CommandSyntax("MOVE", in: .selected) { p throws(SyntaxError) in
        .request(.move(try p.transfer(byUID: false)))
    }
    static let uidMove = CommandSyntax("UID MOVE", in: .selected) { p throws(SyntaxError) in
        .request(.move(try p.transfer(byUID: true)))
    }
}

extension Parser {
    /// `copy = "COPY" SP sequence-set SP mailbox`
    fileprivate mutating func transfer(byUID: Bool) throws(SyntaxError) -> Transfer {
        try space()
        let set = try sequenceSet()
        try space()
        return Transfer(set, to: try mailbox(), byUID: byUID)
    }
}
