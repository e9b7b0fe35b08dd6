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

    public init(
        _ set: SequenceSet, _ operation: Operation, _ flags: FlagList, isSilent: Bool = false, byUID: Bool = false
    ) {
        self.set = set
        self.operation = operation
        self.flags = flags
        self.isSilent = isSilent
        self.byUID = byUID
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
    ///     store           = "STORE" SP sequence-set SP store-att-flags
    ///     store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
    fileprivate mutating func store(byUID: Bool) throws(SyntaxError) -> Command {
        try space()
        let set = try sequenceSet()
        try space()
        let operation: StoreFlags.Operation = take("+") ? .add : take("-") ? .remove : .replace
        guard take(word: "FLAGS") else { throw expected("FLAGS") }
        let isSilent = take(word: ".SILENT")
        try space()
        let flags = next == UInt8(ascii: "(") ? try flagList() : try bareFlags()
        return .request(.store(StoreFlags(set, operation, flags, isSilent: isSilent, byUID: byUID)))
    }
}
