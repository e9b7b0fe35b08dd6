internal import Glibc
internal import NIOCore
internal import Synchronization

/// Descriptors of segments for reading, the last used ones kept open.
final class SegmentReaders: Sendable {
    /// Closed when the last reader lets go of it, so that an unlinked segment can be read to the end.
    final class Handle: Sendable {
        let descriptor: Int32

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        deinit { close(descriptor) }
    }

    private struct State {
        var handles: [Int64: (handle: Handle, usedAt: Int)] = [:]
        var clock = 0
    }

    static let handlesMax = 256

    private let paths: StorePaths
    private let layer: FileLayer
    private let state = Mutex(State())

    init(paths: StorePaths, layer: FileLayer) {
        self.paths = paths
        self.layer = layer
    }

    /// Reads octets of a body. Blocks.
    func read(_ body: BodyReference, _ range: Range<Int>?) throws(StoreError) -> ByteBuffer {
        let range = (range ?? 0..<body.octetCount).clamped(to: 0..<body.octetCount)
        guard body.codec == 0 else { throw .storage(operation: "read a body", detail: "unknown codec \(body.codec)") }
        let handle = try handle(body.segment)
        var buffer = ByteBuffer()
        var missing = range.count
        buffer.reserveCapacity(missing)
        while missing > 0 {
            let offset = body.offset + range.upperBound - missing
            let count = try layer.read(handle.descriptor, missing, at: offset, into: &buffer)
            guard count > 0 else {
                throw .storage(
                    operation: "read a body", detail: "segment \(StorePaths.segmentName(body.segment)) ends early")
            }
            missing -= count
        }
        return buffer
    }

    func handle(_ segment: Int64) throws(StoreError) -> Handle {
        let known = state.withLock { state -> Handle? in
            state.clock += 1
            state.handles[segment]?.usedAt = state.clock
            return state.handles[segment]?.handle
        }
        if let known { return known }
        let path = paths.segment(segment)
        let descriptor = layer.openReading(path)
        guard descriptor >= 0 else { throw errno == ENOENT ? .gone : FileLayer.failure("open \(path)") }
        let handle = Handle(descriptor)
        state.withLock { state in
            if state.handles.count >= Self.handlesMax,
                let oldest = state.handles.min(by: { $0.value.usedAt < $1.value.usedAt })?.key
            {
                state.handles[oldest] = nil
            }
            state.handles[segment] = (handle, state.clock)
        }
        return handle
    }

    func forget(_ segment: Int64) {
        state.withLock { $0.handles[segment] = nil }
    }
}
