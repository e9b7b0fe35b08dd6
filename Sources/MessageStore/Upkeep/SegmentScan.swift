internal import Glibc
internal import NIOCore

/// Reads the records of a shared segment one after the other.
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

    /// The highest body id of the records from `start` on; 0 without any.
    static func highestBody(in path: String, from start: Int) -> Int64 {
        var highest: Int64 = 0
        forEachRecord(in: path, from: start) { record, _, _ in
            highest = max(highest, record.bodyID)
            return true
        }
        return highest
    }

    static func record(_ descriptor: Int32, at offset: Int) -> SegmentRecord? {
        var buffer = ByteBuffer()
        buffer.writeWithUnsafeMutableBytes(
            minimumWritableBytes: SegmentRecord.fixedOctets + 8 * SegmentRecord.accountsMax
        ) { max(0, pread(descriptor, $0.baseAddress, $0.count, off_t(offset))) }
        return SegmentRecord(buffer)
    }
}
