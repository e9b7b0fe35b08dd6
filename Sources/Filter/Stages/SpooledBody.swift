import Execution
import Glibc
import MailAuth

/// The body of a message in a file, read in pieces: never in memory whole.
struct SpooledBody: BodySource {
    /// Read and hashed at one time, so that others have their turn in between.
    private static let pieceOctets = 1 << 20

    struct Unreadable: Error {}

    let path: String
    /// Octets in front of the body.
    let start: Int
    let files: BlockingPool

    func feed(_ hasher: BodyHasher) async throws -> BodyHasher {
        guard let file = try await files.run({ OpenFile(path: path) }) else { throw Unreadable() }
        var hasher = hasher
        var offset = start
        while true {
            try Task.checkCancellation()
            let (fed, count) = try await files.run(priority: .bulk) { [hasher, offset] in
                try Self.feed(hasher, from: file, at: offset)
            }
            hasher = fed
            guard count > 0 else { return hasher }
            offset += count
        }
    }

    private static func feed(
        _ hasher: BodyHasher, from file: OpenFile, at offset: Int
    ) throws -> (BodyHasher, Int) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceOctets, alignment: 16)
        defer { buffer.deallocate() }
        var count: Int
        repeat {
            count = pread(file.descriptor, buffer.baseAddress, buffer.count, off_t(offset))
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw Unreadable() }
        var hasher = hasher
        hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return (hasher, count)
    }
}

/// A descriptor, closed with its last reference.
final class OpenFile: Sendable {
    let descriptor: Int32

    init?(path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
