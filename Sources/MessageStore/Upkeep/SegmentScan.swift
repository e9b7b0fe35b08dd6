internal import Glibc
internal import NIOCore

/// Reads the records of segment files without the index.
enum SegmentScan {
    /// Calls `body` with each good record and the offset of its first octet, up to the first that is none.
    static func forEachRecord(in path: String, from start: Int, _ body: (SegmentRecord, Int, Int32) -> Bool) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var offset = start
        while let record = record(descriptor, at: offset) {
            guard body(record, offset, descriptor) else { return }
            offset += record.headerOctets + record.storedLength
        }
    }

    static func record(_ descriptor: Int32, at offset: Int) -> SegmentRecord? {
        let octetsMax = SegmentRecord.fixedOctets + 8 * SegmentRecord.accountsMax
        return SegmentRecord(read(descriptor, at: offset, octetsMax: octetsMax))
    }

    /// The record behind the one body of a segment of its own; nil for another file.
    static func footer(of path: String) -> SegmentRecord? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        let size = Int(status.st_size)
        var end = read(descriptor, at: size - SegmentRecord.footerOctets, octetsMax: SegmentRecord.footerOctets)
        guard let length = end.readInteger(endianness: .little, as: Int64.self),
            end.readInteger(endianness: .little, as: UInt64.self) == SegmentRecord.endMagic,
            (0...Int64(size)).contains(length),
            let record = record(descriptor, at: size - SegmentRecord.footerOctets - Int(length)),
            record.storedLength == size - SegmentRecord.footerOctets - Int(length)
        else { return nil }
        return record
    }

    /// Whether a file has octets from `start` on, and all of them are zero.
    static func isZero(_ path: String, from start: Int) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var offset = start
        while true {
            let piece = read(descriptor, at: offset, octetsMax: 256 << 10)
            if piece.readableBytes == 0 { return offset > start }
            guard piece.withUnsafeReadableBytes({ $0.allSatisfy { $0 == 0 } }) else { return false }
            offset += piece.readableBytes
        }
    }

    private static func read(_ descriptor: Int32, at offset: Int, octetsMax: Int) -> ByteBuffer {
        var buffer = ByteBuffer()
        guard offset >= 0 else { return buffer }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: octetsMax) { room in
            max(0, pread(descriptor, room.baseAddress, octetsMax, off_t(offset)))
        }
        return buffer
    }
}
