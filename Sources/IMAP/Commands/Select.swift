public import MailCore

/// The arguments of SELECT and EXAMINE (RFC 3501 §6.3.1, RFC 4466 §2.4).
public struct Select: Hashable, Sendable {
    /// What a client knows of the mailbox from an earlier session (RFC 7162 §3.2.5).
    public struct Resync: Hashable, Sendable {
        public var uidValidity: UIDValidity
        public var modSeq: ModSeq
        /// The UIDs that the client asks about; nil for all that there ever were.
        public var known: SequenceSet?
        /// Sequence numbers and UIDs that the client holds for pairs, in ascending order and as many of each.
        public var numbers: SequenceSet?
        public var uids: SequenceSet?

        public init(
            uidValidity: UIDValidity, modSeq: ModSeq, known: SequenceSet? = nil, numbers: SequenceSet? = nil,
            uids: SequenceSet? = nil
        ) {
            self.uidValidity = uidValidity
            self.modSeq = modSeq
            self.known = known
            self.numbers = numbers
            self.uids = uids
        }
    }

    public var mailbox: MailboxName
    /// RFC 7162 §3.1.8.
    public var wantsModSeqs: Bool
    public var resync: Resync?

    public init(_ mailbox: MailboxName, wantsModSeqs: Bool = false, resync: Resync? = nil) {
        self.mailbox = mailbox
        self.wantsModSeqs = wantsModSeqs
        self.resync = resync
    }
}

extension CommandSyntax {
    static let select = CommandSyntax("SELECT", in: .authenticated) { p throws(SyntaxError) in
        .request(.select(try p.select()))
    }
    static let examine = CommandSyntax("EXAMINE", in: .authenticated) { p throws(SyntaxError) in
        .request(.examine(try p.select()))
    }
}

extension Parser {
    /// Parses the arguments of SELECT:
    ///
    ///     select       = "SELECT" SP mailbox [SP "(" select-param *(SP select-param) ")"]     ; RFC 4466 §6
    ///     select-param = "CONDSTORE" /
    ///                    "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"
    fileprivate mutating func select() throws(SyntaxError) -> Select {
        try space()
        var select = Select(try mailbox())
        guard take(" ") else { return select }
        _ = try list(of: "select-param", max: 8) { p throws(SyntaxError) in
            let start = p.position
            switch try p.keyword("select-param") {
            case "CONDSTORE": select.wantsModSeqs = true
            case "QRESYNC" where select.resync == nil:
                // RFC 7162 §3.2.5: BAD without ENABLE QRESYNC before.
                guard p.features.contains(.qresync) else { throw .notEnabled("QRESYNC") }
                try p.space()
                select.resync = try p.resync()
            default: throw .expected("select-param", at: start)
            }
        }
        return select
    }

    private mutating func resync() throws(SyntaxError) -> Select.Resync {
        try require("(")
        let validity = UIDValidity(rawValue: try nonZeroNumber("uidvalidity"))
        try space()
        var resync = Select.Resync(uidValidity: validity, modSeq: try modSeq())
        if take(" "), next != UInt8(ascii: "(") {
            resync.known = try plainSet("known-uids")
            if take(" ") { try matchData(into: &resync) }
        } else if next == UInt8(ascii: "(") {
            try matchData(into: &resync)
        }
        try require(")")
        return resync
    }

    /// `seq-match-data = "(" known-sequence-set SP known-uid-set ")"`
    private mutating func matchData(into resync: inout Select.Resync) throws(SyntaxError) {
        guard !features.contains(.uidOnly) else { throw .numbersUnknown }
        try require("(")
        resync.numbers = try plainSet("known-sequence-set")
        try space()
        resync.uids = try plainSet("known-uid-set")
        try require(")")
    }

    /// RFC 7162 §7: "*" is not allowed.
    private mutating func plainSet(_ rule: String) throws(SyntaxError) -> SequenceSet {
        let start = position
        let set = try sequenceSet()
        guard !set.isSaved, set.parts.allSatisfy({ $0.first != .largest && $0.last != .largest }) else {
            throw .expected(rule, at: start)
        }
        return set
    }

    /// `mod-sequence-value = 1*DIGIT`: 1 to 2^63 - 1.
    mutating func modSeq() throws(SyntaxError) -> ModSeq {
        let start = position
        let value = try number64()
        guard value > 0 else { throw .expected("mod-sequence-value", at: start) }
        return ModSeq(rawValue: value)
    }

    /// `mod-sequence-valzer = "0" / mod-sequence-value`
    mutating func modSeqOrZero() throws(SyntaxError) -> ModSeq { ModSeq(rawValue: try number64()) }
}
