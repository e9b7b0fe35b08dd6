import CZlib
import NIOCore

/// One direction of a raw DEFLATE stream (RFC 1951), as COMPRESS uses it (RFC 4978).
///
/// Not `Sendable`: belongs to one connection and its loop.
final class DeflateStream {
    /// The peer's octets are no DEFLATE stream, or zlib has no memory.
    struct Failure: Error {}

    enum Direction {
        case compressing
        case expanding
    }

    private let direction: Direction
    /// zlib keeps a pointer to it: it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// A window of 8 KiB and 64 KiB of hash chains: a connection costs about 100 KB instead of 270.
    private static let windowBits: Int32 = 13
    private static let memoryLevel: Int32 = 7
    /// What a peer may have used (RFC 1951 §2): 32 KiB.
    private static let windowBitsMax: Int32 = 15
    /// Fast: mail is either text, which any level halves, or was compressed already.
    private static let level: Int32 = 2

    init(_ direction: Direction) throws(Failure) {
        self.direction = direction
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        // Negative: without zlib's own header and checksum (RFC 4978 §3).
        let done =
            switch direction {
            case .compressing:
                deflateInit2_(
                    stream, Self.level, Z_DEFLATED, -Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY,
                    ZLIB_VERSION, size)
            case .expanding: inflateInit2_(stream, -Self.windowBitsMax, ZLIB_VERSION, size)
            }
        guard done == Z_OK else { throw Failure() }
        // Nothing waits: see `isFull`.
        stream.pointee.avail_out = 1
    }

    deinit {
        switch direction {
        case .compressing: deflateEnd(stream)
        case .expanding: inflateEnd(stream)
        }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Compresses all of `input`, so that the peer can read it without what comes next (RFC 4978 §4).
    func compress(_ input: ByteBuffer, _ allocator: ByteBufferAllocator) throws(Failure) -> ByteBuffer {
        var input = input
        var output = allocator.buffer(capacity: input.readableBytes / 2 + 64)
        repeat {
            try step(&input, &output, octetsMax: 16_384, Z_SYNC_FLUSH)
        } while input.readableBytes > 0 || stream.pointee.avail_out == 0
        return output
    }

    /// Expands what it can of `input`, to at most `octetsMax` octets; what it left is handed in again.
    func expand(
        _ input: inout ByteBuffer, octetsMax: Int, _ allocator: ByteBufferAllocator
    ) throws(Failure) -> ByteBuffer {
        var output = allocator.buffer(capacity: min(octetsMax, input.readableBytes * 4 + 64))
        try step(&input, &output, octetsMax: octetsMax, Z_SYNC_FLUSH)
        return output
    }

    /// Whether more output waits although all input was taken.
    var isFull: Bool { stream.pointee.avail_out == 0 }

    private func step(
        _ input: inout ByteBuffer, _ output: inout ByteBuffer, octetsMax: Int, _ flush: Int32
    ) throws(Failure) {
        var status = Z_OK
        let taken = input.withUnsafeReadableBytes { readable in
            // zlib reads there only.
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: readable.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.pointee.avail_in = UInt32(clamping: readable.count)
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: octetsMax) { writable in
                let room = min(writable.count, octetsMax)
                stream.pointee.next_out = writable.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(clamping: room)
                status = direction == .compressing ? deflate(stream, flush) : inflate(stream, flush)
                return room - Int(stream.pointee.avail_out)
            }
            return readable.count - Int(stream.pointee.avail_in)
        }
        stream.pointee.next_in = nil
        input.moveReaderIndex(forwardBy: taken)
        // Z_BUF_ERROR: there was nothing to do. The end of the stream is none of a connection's.
        guard status == Z_OK || status == Z_BUF_ERROR else { throw Failure() }
    }
}
