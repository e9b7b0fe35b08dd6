internal import MailCrypto
internal import NIOCore

/// What stands in front of each body in a shared segment, and behind the body in a segment of its own: enough to give
/// the message to its accounts again without the index.
///
///     0 magic · 8 version, codec, header length (2) · 12 accounts (4) · 16 body id · 24 made at
///     32 raw length · 40 stored length · 48 digest (16) · 64 CRC-32C of the data · 68 of the header with 0 here
///     72 commit number · 80 account ids (8 each)
///
/// All numbers little-endian. Version 1 had no commit number.
struct SegmentRecord: Equatable, Sendable {
    static let magic: UInt64 = 0x3143_4552_4e54_5350  // "PSTNREC1"
    static let endMagic: UInt64 = 0x3144_4e45_4e54_5350  // "PSTNEND1"
    static let fixedOctets = 80
    /// The codec of the first record of a segment that compaction made: it has no data. What else such a file holds is
    /// in other segments, too, until the index names it.
    static let compactionCodec: UInt8 = 254
    static let accountsMax = 1_000
    /// Behind the header of a segment of its own: the header's length and `endMagic`.
    static let footerOctets = 16

    var codec: UInt8 = 0
    var bodyID: Int64
    var madeAt: Int64
    var rawLength: Int
    var storedLength: Int
    var digest: [UInt8]
    var checksum: UInt32
    /// The transactions that the index had committed when the record was made; 0 where it is not known. An index that has
    /// committed fewer is an older one, put back.
    var commitNumber: Int64 = 0
    var accounts: [Int64]

    /// Octets in front of the data.
    let headerOctets: Int

    private static func fixedOctets(ofVersion version: UInt8) -> Int { version > 1 ? fixedOctets : 72 }

    func encoded(isFooter: Bool = false) -> ByteBuffer {
        let accounts = accounts.prefix(Self.accountsMax)
        var buffer = ByteBuffer()
        buffer.reserveCapacity(headerOctets + Self.footerOctets)
        buffer.writeInteger(Self.magic, endianness: .little)
        buffer.writeInteger(UInt8(2))
        buffer.writeInteger(codec)
        buffer.writeInteger(UInt16(headerOctets), endianness: .little)
        buffer.writeInteger(UInt32(accounts.count), endianness: .little)
        buffer.writeInteger(bodyID, endianness: .little)
        buffer.writeInteger(madeAt, endianness: .little)
        buffer.writeInteger(Int64(rawLength), endianness: .little)
        buffer.writeInteger(Int64(storedLength), endianness: .little)
        buffer.writeBytes(digest.prefix(16))
        buffer.writeInteger(checksum, endianness: .little)
        buffer.writeInteger(UInt32(0))
        buffer.writeInteger(commitNumber, endianness: .little)
        for account in accounts { buffer.writeInteger(account, endianness: .little) }
        let sum = buffer.withUnsafeReadableBytes { CRC32C.checksum($0) }
        buffer.setInteger(sum, at: 68, endianness: .little)
        if isFooter {
            buffer.writeInteger(Int64(headerOctets), endianness: .little)
            buffer.writeInteger(Self.endMagic, endianness: .little)
        }
        return buffer
    }

    /// The record that `octets` begin with; nil unless its checksum is right.
    init?(_ octets: ByteBuffer) {
        var buffer = octets.slice()
        let whole = buffer
        guard buffer.readInteger(endianness: .little, as: UInt64.self) == Self.magic,
            let version = buffer.readInteger(as: UInt8.self), (1...2).contains(version),
            let codec = buffer.readInteger(as: UInt8.self),
            let header = buffer.readInteger(endianness: .little, as: UInt16.self),
            let count = buffer.readInteger(endianness: .little, as: UInt32.self),
            Int(header) == Self.fixedOctets(ofVersion: version) + 8 * Int(count), whole.readableBytes >= Int(header),
            let bodyID = buffer.readInteger(endianness: .little, as: Int64.self),
            let madeAt = buffer.readInteger(endianness: .little, as: Int64.self),
            let raw = buffer.readInteger(endianness: .little, as: Int64.self), raw >= 0,
            let stored = buffer.readInteger(endianness: .little, as: Int64.self), (0...1 << 40).contains(stored),
            let digest = buffer.readBytes(length: 16),
            let checksum = buffer.readInteger(endianness: .little, as: UInt32.self),
            let sum = buffer.readInteger(endianness: .little, as: UInt32.self)
        else { return nil }
        var checked = whole.getSlice(at: 0, length: Int(header)) ?? ByteBuffer()
        checked.setInteger(UInt32(0), at: 68)
        guard checked.withUnsafeReadableBytes({ CRC32C.checksum($0) }) == sum else { return nil }
        if version > 1 {
            guard let number = buffer.readInteger(endianness: .little, as: Int64.self) else { return nil }
            commitNumber = number
        }
        headerOctets = Int(header)
        self.codec = codec
        self.bodyID = bodyID
        self.madeAt = madeAt
        rawLength = Int(raw)
        storedLength = Int(stored)
        self.digest = digest
        self.checksum = checksum
        accounts = (0..<count).compactMap { _ in buffer.readInteger(endianness: .little, as: Int64.self) }
    }

    init(
        bodyID: Int64, madeAt: Int64, rawLength: Int, storedLength: Int, digest: [UInt8], checksum: UInt32,
        accounts: [Int64]
    ) {
        self.bodyID = bodyID
        self.madeAt = madeAt
        self.rawLength = rawLength
        self.storedLength = storedLength
        self.digest = digest
        self.checksum = checksum
        self.accounts = accounts
        headerOctets = Self.fixedOctets + 8 * min(accounts.count, Self.accountsMax)
    }

    /// Of a file that compaction makes.
    static func compactionHeader(madeAt: Int64, commitNumber: Int64) -> SegmentRecord {
        var record = SegmentRecord(
            bodyID: 0, madeAt: madeAt, rawLength: 0, storedLength: 0, digest: [UInt8](repeating: 0, count: 16),
            checksum: 0, accounts: [])
        record.codec = compactionCodec
        record.commitNumber = commitNumber
        return record
    }
}
