internal import Execution
internal import Glibc
internal import NIOCore
internal import Observation
internal import Synchronization

/// Keeps zeros written and synced ahead of the open segment's end, so that the sync of a record overwrites in place: that
/// of a growing file makes the file system commit its journal, which takes three times as long (design: "Decision").
///
/// The writer claims what it is about to write; zeros go only behind that, in small pieces, each under the same lock. They
/// go by a descriptor of their own: an error that their sync meets must be met by the writer's sync as well.
final class ZeroFill: Sendable {
    private final class File: Sendable {
        let descriptor: Int32

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        deinit { close(descriptor) }
    }

    private struct State {
        /// Of the open segment; nil between two, and where zeros could not be written.
        var path: String?
        var file: File?
        /// All records end there.
        var claimed = 0
        /// Zeros reach so far.
        var filled = 0
        var isAtWork = false
    }

    /// Written under the lock.
    private static let pieceOctets = 64 << 10
    /// Synced at once: the writer's next sync waits for what of them is not on the disk.
    private static let syncedOctets = 1 << 20
    /// Larger groups share one sync among so many that zeros would cost more than they spare.
    private static let groupMax = 32
    private static let zeros = ByteBuffer(repeating: 0, count: pieceOctets)

    private let layer: FileLayer
    private let pool: BlockingPool
    private let disk: DiskSpace
    private let aheadMax: Int
    private let fileMax: Int
    private let isInline: Bool
    private let state = Mutex(State())

    init(layer: FileLayer, pool: BlockingPool, disk: DiskSpace, options: MessageStore.Options) {
        self.layer = layer
        self.pool = pool
        self.disk = disk
        aheadMax = options.zeroFillOctets
        fileMax = options.segmentOctetsMax
        isInline = options.fillsInline
    }

    // MARK: On the writer's thread

    func begin(_ path: String) {
        state.withLock { $0 = State(path: path, isAtWork: $0.isAtWork) }
    }

    /// Nothing is written over what ends at `end` or before it.
    func claim(to end: Int) { state.withLock { $0.claimed = max($0.claimed, end) } }

    /// The segment is sealed: what is behind its last record goes.
    func end() {
        state.withLock { state in
            if let file = state.file, state.filled > state.claimed {
                layer.truncate(file.descriptor, to: state.claimed)
            }
            state = State(isAtWork: state.isAtWork)
        }
    }

    /// Sees to it that more zeros are written where few are left.
    ///
    /// - Parameter records: how many the last group wrote.
    func refill(after records: Int) {
        guard (1...Self.groupMax).contains(records), aheadMax > 0, !disk.isNearReserve else { return }
        let isWanted = state.withLock { state in
            let wanted = min(state.claimed + aheadMax / 2, fileMax)
            guard !state.isAtWork, state.path != nil, state.filled < wanted else { return false }
            state.isAtWork = true
            return true
        }
        guard isWanted else { return }
        if isInline {
            fill()
        } else if !pool.submit(priority: .bulk, { self.fill() }) {
            state.withLock { $0.isAtWork = false }
        }
    }

    // MARK: On the pool

    private func fill() {
        var unsynced = 0
        do throws(StoreError) {
            while let (file, count) = try fillPiece() {
                unsynced += count
                guard unsynced >= Self.syncedOctets else { continue }
                try layer.sync(file.descriptor)
                unsynced = 0
            }
        } catch {
            // Without zeros mail is as safe, and somewhat slower. What is wrong with the disk the writer will be told.
            state.withLock { $0.path = nil }
        }
        state.withLock { $0.isAtWork = false }
    }

    /// - Returns: nil when there are enough.
    private func fillPiece() throws(StoreError) -> (File, Int)? {
        try state.withLock { state throws(StoreError) in
            let start = max(state.filled, state.claimed)
            let count = min(Self.pieceOctets, min(state.claimed + aheadMax, fileMax) - start)
            guard let path = state.path, count > 0 else { return nil }
            if state.file == nil { state.file = File(try layer.openForWriting(path)) }
            guard let file = state.file else { return nil }
            try layer.write(file.descriptor, Self.zeros.getSlice(at: 0, length: count) ?? Self.zeros, at: start)
            state.filled = start + count
            return (file, count)
        }
    }
}
