/// The unique identifier of a message in a mailbox (RFC 9051 §2.3.1.1): 1 to 2^32 - 1, ascending, never given twice.
public struct UID: RawRepresentable, Hashable, Comparable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public init(_ value: UInt32) { rawValue = value }

    public static func < (left: UID, right: UID) -> Bool { left.rawValue < right.rawValue }
}

/// RFC 9051 §2.3.1.1: changes when UIDs of a mailbox were given anew.
public struct UIDValidity: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// A modification sequence (RFC 7162 §3): 1 to 2^63 - 1, one counter an account.
public struct ModSeq: RawRepresentable, Hashable, Comparable, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    public static func < (left: ModSeq, right: ModSeq) -> Bool { left.rawValue < right.rawValue }
}

/// A person's login and storage, as a row of the store.
public struct AccountID: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// An IMAP folder, as a row of the store: never reused (RFC 8474 MAILBOXID).
public struct MailboxID: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A hosted domain, as a row of the directory. 0 is none.
public struct DomainID: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    public static let none = DomainID(rawValue: 0)
}
