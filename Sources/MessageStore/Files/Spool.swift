internal import Execution
internal import Glibc
internal import MailCrypto
public import NIOCore
internal import Synchronization

/// A large message on its way in: a file under incoming/, unlinked when it is dropped before it was delivered.
///
/// One task writes to it.
public final class Spool: Sendable {
    struct State {
        var octets = 0
        var digest = SHA256()
        var checksum: UInt32 = 0
        var writebackFrom = 0
        var isKept = false
        var isSealed = false
    }

    public let path: String
    let descriptor: Int32
    let state = Mutex(State())
    private let files: BlockingPool
    private let layer: FileLayer
    private let octetsMax: Int

    init(path: String, files: BlockingPool, layer: FileLayer, octetsMax: Int) throws(StoreError) {
        self.path = path
        self.files = files
        self.layer = layer
        self.octetsMax = octetsMax
        descriptor = try layer.create(path)
    }

    deinit {
        close(descriptor)
        if !state.withLock({ $0.isKept }) { _ = layer.unlink(path) }
    }

    /// Octets written so far.
    public var octets: Int { state.withLock { $0.octets } }

    /// Writes at the end. On disk only after `stage`.
    ///
    /// - Throws: `tooLarge` past the store's bound, `diskFull`; what was written before stays.
    public func append(_ buffer: ByteBuffer) async throws(StoreError) {
        guard buffer.readableBytes > 0 else { return }
        do {
            try await files.run { [self] in try write(buffer) }
        } catch {
            throw StoreError(error)
        }
    }

    /// Removes the file now.
    public func discard() {
        state.withLock { state in
            guard !state.isKept else { return }
            state.isKept = true
            _ = layer.unlink(path)
        }
    }

    /// All octets written so far. Blocks.
    func read() throws(StoreError) -> ByteBuffer {
        var whole = ByteBuffer()
        let count = octets
        whole.reserveCapacity(count)
        while whole.readableBytes < count {
            let offset = whole.readableBytes
            guard try layer.read(descriptor, count - offset, at: offset, into: &whole) > 0 else {
                throw .storage(operation: "read a spool", detail: "\(path) ends early")
            }
        }
        return whole
    }

    /// Writes behind the octets what makes the file describe itself, and syncs it. Once; blocks.
    func seal(_ record: SegmentRecord) throws(StoreError) {
        let offset = octets
        guard !state.withLock({ $0.isSealed }) else { return }
        try layer.write(descriptor, record.encoded(isFooter: true), at: offset)
        try layer.sync(descriptor)
        state.withLock { $0.isSealed = true }
    }

    /// The file is a segment now, and no longer ours to unlink.
    func keep() { state.withLock { $0.isKept = true } }

    private func write(_ buffer: ByteBuffer) throws {
        let offset = octets
        guard offset + buffer.readableBytes <= octetsMax else { throw StoreError.tooLarge(octetsMax: octetsMax) }
        try layer.write(descriptor, buffer, at: offset)
        state.withLock { state in
            buffer.withUnsafeReadableBytes {
                state.digest.update($0)
                state.checksum = CRC32C.checksum($0, continuing: state.checksum)
            }
            state.octets = offset + buffer.readableBytes
            // Let it reach the disk while it arrives, not in one burst at the end.
            if state.octets - state.writebackFrom >= 1 << 20 {
                layer.startWriteback(descriptor, state.writebackFrom, state.octets - state.writebackFrom)
                state.writebackFrom = state.octets
            }
        }
    }
}
