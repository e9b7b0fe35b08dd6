import CZlib
public import NIOCore

/// A file in the form of RFC 1952.
public enum Gzip {
    /// - Returns: nil when zlib has no memory.
    public static func compress(_ octets: ByteBuffer) -> ByteBuffer? {
        // zlib keeps a pointer to it: it must not move.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer {
            stream.deinitialize(count: 1)
            stream.deallocate()
        }
        // 16 more than the window's size: gzip's header and checksum in place of zlib's.
        let size = Int32(MemoryLayout<z_stream>.size)
        let begun = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(stream) }
        var input = octets
        var output = ByteBuffer()
        let room = Int(deflateBound(stream, UInt(octets.readableBytes)))
        var isWhole = false
        input.withUnsafeMutableReadableBytes { source in
            _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                stream.pointee.next_in = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_in = UInt32(clamping: source.count)
                stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(clamping: target.count)
                isWhole = deflate(stream, Z_FINISH) == Z_STREAM_END
                return Int(stream.pointee.total_out)
            }
        }
        return isWhole ? output : nil
    }
}
