public import MailCore

/// What STORE does with the flags it names.
public enum FlagOperation: Sendable {
    case add
    case remove
    case replace
}

/// One message that STORE named, as it is now.
public struct FlagChange: Equatable, Sendable {
    public var uid: UID
    public var flags: Flags
    public var modSeq: ModSeq
    /// Before: a session that knew less is told of more than its own change.
    public var previousModSeq: ModSeq
    /// False when it had these flags before.
    public var isChanged: Bool
    /// Left as it was, since it changed after `unchangedSince` (RFC 7162 §3.1.3, MODIFIED).
    public var isRefused: Bool
}

/// RFC 4315 §3, COPYUID: the two lists run in parallel, both ascending.
public struct CopyOutcome: Equatable, Sendable {
    /// Of the mailbox copied to.
    public var uidValidity: UIDValidity
    public var sourceUIDs: [UID]
    public var destinationUIDs: [UID]
}

/// What happened in a mailbox since a mod-sequence.
public struct MailboxChanges: Equatable, Sendable {
    public var highestModSeq: ModSeq
    public var uidNext: UID
    /// From the caller's `uidNext` on.
    public var arrived: [MessageSummary]
    /// Below the caller's `uidNext`, with flags that changed.
    public var changed: [MessageSummary]
    public var vanished: [ClosedRange<UInt32>]
    /// Of the account's keywords: a session with another one reads them again before it tells flags.
    public var keywordVersion: Int64 = 0
}

/// An account's own keywords: bits 16 to 62 of its flags.
public struct Keywords: Equatable, Sendable {
    public private(set) var names: [Int: String] = [:]
    /// Another one when a bit was freed: it may have another name now.
    public internal(set) var version: Int64 = 0

    public init() {}

    /// A bit that is not given out.
    var freeBit: Int? { Flags.keywordBits.first { names[$0] == nil } }

    mutating func add(_ name: String, bit: Int) { names[bit] = name }

    /// The name of one bit, the fixed ones included.
    public func name(ofBit bit: Int) -> String? {
        Flags.fixedNames.indices.contains(bit) ? Flags.fixedNames[bit] : names[bit]
    }

    /// The flag of that name without regard to case, fixed or the account's own; nil when it is not known yet.
    public func flag(named name: String) -> Flags? {
        if let fixed = Flags.fixed(named: name) { return fixed }
        let wanted = name.lowercased()
        return names.first { $0.value.lowercased() == wanted }.map { Flags(rawValue: 1 << Int64($0.key)) }
    }

    /// All names that are set, in the order of their bits.
    public func names(of flags: Flags) -> [String] {
        var rest = UInt64(bitPattern: flags.rawValue)
        var result: [String] = []
        while rest != 0 {
            if let name = name(ofBit: rest.trailingZeroBitCount) { result.append(name) }
            rest &= rest - 1
        }
        return result
    }

    /// The account's own, in the order of their bits.
    public var all: [String] { names.sorted { $0.key < $1.key }.map(\.value) }
}
