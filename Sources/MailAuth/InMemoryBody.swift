public import MIME
public import NIOCore

/// The body of a message that is in memory.
public struct InMemoryBody: BodySource {
    private let octets: ByteBuffer

    /// - Parameter octets: all behind the header's empty line; shared, not copied.
    public init(_ octets: ByteBuffer) { self.octets = octets }

    public init(of message: Message) {
        let start = message.octets.readerIndex + message.headerOctets
        octets = message.octets.getSlice(at: start, length: message.octets.writerIndex - start) ?? ByteBuffer()
    }

    public func feed(_ hasher: BodyHasher) async throws -> BodyHasher {
        var hasher = hasher
        octets.withUnsafeReadableBytes { hasher.update($0) }
        return hasher
    }
}
