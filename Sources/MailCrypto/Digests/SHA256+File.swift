import Glibc

extension SHA256 {
    public enum FileFailure: Error, Equatable, Sendable {
        /// The file ends before the range does.
        case endOfFile(atOffset: Int64)
        /// `pread` failed.
        case system(errno: Int32)
    }

    /// The digest of `octets` octets of a file from `offset` on, read by `pread` in pieces of 256 KiB; the descriptor's
    /// own position stays. Blocks on the disk: not for an event loop.
    public static func hash(
        fileDescriptor: Int32, offset: Int64, octets: Int64
    ) throws(FileFailure) -> Digest {
        precondition(offset >= 0 && octets >= 0)
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(min(octets, pieceOctets)), alignment: 4_096)
        defer { buffer.deallocate() }
        var sha = SHA256()
        var done: Int64 = 0
        while done < octets {
            let wanted = Int(min(Int64(buffer.count), octets - done))
            let taken = pread(fileDescriptor, buffer.baseAddress, wanted, off_t(offset + done))
            if taken < 0 {
                if errno == EINTR { continue }
                throw .system(errno: errno)
            }
            if taken == 0 { throw .endOfFile(atOffset: offset + done) }
            sha.update(UnsafeRawBufferPointer(rebasing: buffer[..<taken]))
            done += Int64(taken)
        }
        return sha.digest()
    }

    private static let pieceOctets: Int64 = 256 * 1_024
}
