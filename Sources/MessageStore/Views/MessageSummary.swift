public import MailCore
public import NIOCore

/// The narrow row of a message in a mailbox.
public struct MessageSummary: Equatable, Sendable {
    public var uid: UID
    /// The store's name of the message within its account, also EMAILID; copies share it.
    public var messageID: Int64
    public var modSeq: ModSeq
    public var flags: Flags
    /// RFC822.SIZE: the account's own prefix and the shared body.
    public var size: Int
    /// Seconds since 1970, and the zone it was told in.
    public var internalDate: Int64
    public var internalZoneMinutes: Int
    /// The Date field, or the internal date where it has none that can be read.
    public var sentDate: Int64
    public var sentZoneMinutes: Int
    /// When it came into this mailbox, in seconds since 1970 (RFC 8514, SAVEDATE).
    public var savedAt: Int64
}

/// What `details` is to fetch beside the summary.
public struct DetailSet: OptionSet, Sendable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let envelope = DetailSet(rawValue: 1 << 0)
    public static let structure = DetailSet(rawValue: 1 << 1)
    public static let headerFields = DetailSet(rawValue: 1 << 2)
    public static let preview = DetailSet(rawValue: 1 << 3)
    /// The account's own header lines.
    public static let prefix = DetailSet(rawValue: 1 << 4)
    /// Where the octets are.
    public static let body = DetailSet(rawValue: 1 << 5)
    /// The identifier of the thread: comes with any other of these but `headerFields`.
    public static let thread = DetailSet(rawValue: 1 << 6)
}

/// A message with what was asked for; what was not is empty or nil.
public struct MessageDetail: Sendable {
    public var summary: MessageSummary
    public var threadID: Int64
    /// `ENVELOPE`'s value, ready to send.
    public var envelope = ByteBuffer()
    /// `BODY`'s value, ready to send.
    public var bodyStructureBasic = ByteBuffer()
    /// `BODYSTRUCTURE`'s value, ready to send.
    public var bodyStructure = ByteBuffer()
    /// Where the parts stand in the shared body; nil when there are too many.
    public var parts: PartTable?
    /// Lines of the fields that `HeaderFields.names` lists; nil where they were too long to keep.
    public var headerFields: ByteBuffer?
    public var preview = ""
    /// The account's own header lines in front of the shared body.
    public var prefix = ByteBuffer()
    /// Octets of the shared body's header with its empty line.
    public var headerOctets = 0
    public var body: BodyReference?
    /// All of the shared body, where it was read with the row.
    public var octets: ByteBuffer?
    /// For a client that reads no others; nil where it is shown the message as it is.
    public var plainHeaders: PlainHeaders?
}

/// Where the octets of a shared body are. Stays good after the message was expunged, until it is purged.
public struct BodyReference: Hashable, Sendable {
    public var bodyID: Int64
    /// Octets of the shared body, without any account's prefix.
    public var octetCount: Int
    /// The first 16 octets of the body's SHA-256.
    public var digest: [UInt8]
    var segment: Int64
    var offset: Int
    var storedLength: Int
    var codec: Int64
}

/// Flags that must be set and flags that must be clear.
public struct FlagFilter: Equatable, Sendable {
    public var set: Flags
    public var clear: Flags

    public init(set: Flags = [], clear: Flags = []) {
        self.set = set
        self.clear = clear
    }
}
