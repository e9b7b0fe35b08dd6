public import MIME
public import NIOCore

/// A message that was parsed, digested and made ready: on the way to its mailboxes, in nobody's yet.
public struct StagedMessage: Sendable {
    enum Content: Sendable {
        case memory(ByteBuffer, checksum: UInt32)
        case spool(Spool, checksum: UInt32)
    }

    /// Of the shared body.
    public let octetCount: Int
    public let facts: MessageFacts
    /// Of a small message all; of a spooled one what its first 256 KiB tell.
    public let message: MIME.Message
    /// All octets of a small message, the first 256 KiB of a spooled one.
    public let head: ByteBuffer
    /// The first 16 octets of the SHA-256 of the body.
    public let digest: [UInt8]
    let content: Content

    /// The file of a spooled message: the octets as received, for scanners. Nil for one in memory.
    public var spoolPath: String? {
        if case .spool(let spool, _) = content { spool.path } else { nil }
    }
}

/// What is known of a message from reading it once.
public struct MessageFacts: Sendable {
    /// Octets of the header with its empty line.
    public var headerOctets: Int
    /// The Date field as seconds since 1970; nil where there is none that can be read.
    public var sentDate: Int64?
    public var sentZoneMinutes: Int
    public var preview: String
    /// Decoded, at most 200 octets; for the trail.
    var subject: String
    /// The Message-ID field without < and >, at most 255 octets; for the trail.
    var messageIDText: String
    /// Versioned, as in the table `message`.
    var envelope: [UInt8]
    var structure: [UInt8]
    var headerFields: [UInt8]
    /// Hashes of Message-ID, In-Reply-To and References, the own one first.
    var threadTokens: [Int64]
}
