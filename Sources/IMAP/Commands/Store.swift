public import MailCore

/// The arguments of STORE (RFC 3501 §6.4.6).
public struct StoreFlags: Hashable, Sendable {
    public enum Operation: Hashable, Sendable {
        case replace
        case add
        case remove
    }

    public var set: SequenceSet
    public var operation: Operation
    public var flags: FlagList
    /// .SILENT: the new value is not told.
    public var isSilent: Bool
    public var byUID: Bool
    /// Messages that changed after this stay as they are (RFC 7162 §3.1.3).
    public var unchangedSince: ModSeq?

    public init(
        _ set: SequenceSet, _ operation: Operation, _ flags: FlagList, isSilent: Bool = false, byUID: Bool = false,
        unchangedSince: ModSeq? = nil
    ) {
        self.set = set
        self.operation = operation
        self.flags = flags
        self.isSilent = isSilent
        self.byUID = byUID
        self.unchangedSince = unchangedSince
    }
}

extension CommandSyntax {
    static let store = CommandSyntax("STORE", in: .selected) { p throws(SyntaxError) in try p.store(byUID: false) }
    static let uidStore = CommandSyntax("UID STORE", in: .selected) { p throws(SyntaxError) in try p.store(byUID: true)
    }
}

extension Parser {
    /// Parses the arguments of STORE:
    ///
    ///     store           = "STORE" SP sequence-set [SP store-modifiers] SP store-att-flags   ; RFC 4466 §6
    ///     store-modifiers = "(" "UNCHANGEDSINCE" SP mod-sequence-valzer ")"                   ; RFC 7162 §7
    ///     store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
    fileprivate mutating func store(byUID: Bool) throws(SyntaxError) -> Command {
        try space()
        let set = try sequenceSet()
        try space()
        var unchangedSince: ModSeq?
        if take("(") {
            guard take(word: "UNCHANGEDSINCE ") else { throw expected("store-modifier") }
            unchangedSince = try modSeqOrZero()
            try require(")")
            try space()
        }
        let operation: StoreFlags.Operation = take("+") ? .add : take("-") ? .remove : .replace
        guard take(word: "FLAGS") else { throw expected("FLAGS") }
        let isSilent = take(word: ".SILENT")
        try space()
        let flags = next == UInt8(ascii: "(") ? try flagList() : try bareFlags()
        return .request(
            .store(
                StoreFlags(
                    set, operation, flags, isSilent: isSilent, byUID: byUID, unchangedSince: unchangedSince)))
    }
}
