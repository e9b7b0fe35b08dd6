import MailAuth
import MessageStore
import NIOCore

/// The octets behind a header, read from the store piece by piece.
struct StoredBody: BodySource {
    private static let pieceOctets = 262_144

    let range: Range<Int>
    let read: @Sendable (Range<Int>) async throws -> ByteBuffer

    func feed(_ hasher: BodyHasher) async throws -> BodyHasher {
        var hasher = hasher
        var position = range.lowerBound
        while position < range.upperBound {
            let end = min(position + Self.pieceOctets, range.upperBound)
            let piece = try await read(position..<end)
            guard piece.readableBytes == end - position else {
                throw StoreError.storage(operation: "read a message to sign", detail: "it is cut short")
            }
            piece.withUnsafeReadableBytes { hasher.update($0) }
            position = end
        }
        return hasher
    }
}
