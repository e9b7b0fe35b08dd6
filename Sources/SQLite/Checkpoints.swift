internal import CSQLite
internal import Execution
internal import Logging
internal import Observation
internal import Synchronization

/// When frames of the WAL are moved into the database file: beside the writer, or between two groups when that falls
/// behind; and never while a copy is taken.
///
/// `@unchecked Sendable`: the connection is used under the mutex alone.
final class Checkpoints: @unchecked Sendable {
    private struct State {
        var connection: Connection?
        var frozen = 0
    }

    private let state: Mutex<State>
    private let pageOctets = 4_096
    private let octets: Int
    private let pool: BlockingPool
    private let isRunning = Atomic<Bool>(false)
    /// Frames in the WAL, set by SQLite's hook on the writer's thread.
    fileprivate var frames = 0
    private var framesDone = 0
    private let log = Log.logger("store")

    init(_ connection: Connection, octets: Int) {
        state = Mutex(State(connection: connection))
        self.octets = octets
        pool = BlockingPool(name: "checkpoint", threads: 1, queueMax: 4)
    }

    /// Asks SQLite to tell the length of the WAL after each commit.
    func watch(_ writer: Connection) {
        sqlite3_wal_hook(
            writer.handle,
            { context, _, _, frames in
                guard let context else { return SQLITE_OK }
                Unmanaged<Checkpoints>.fromOpaque(context).takeUnretainedValue().frames = Int(frames)
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Called by the writer after each group.
    func grew(to writer: Connection, isPoisoned: Bool) {
        if frames < framesDone { framesDone = 0 }
        let waiting = (frames - framesDone) * pageOctets
        guard waiting >= octets, !isPoisoned else { return }
        if frames * pageOctets >= 2 * octets {
            // Nobody writes now, so this finishes what is left, and the next write begins the WAL anew.
            framesDone = frames
            state.withLock { state in
                guard state.frozen == 0 else { return }
                run(writer)
            }
        } else if isRunning.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged {
            framesDone = frames
            let isQueued = pool.submit { [self] in
                state.withLock { state in
                    guard state.frozen == 0, let connection = state.connection else { return }
                    run(connection)
                }
                isRunning.store(false, ordering: .relaxed)
            }
            if !isQueued { isRunning.store(false, ordering: .relaxed) }
        }
    }

    private func run(_ connection: Connection) {
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        if code != SQLITE_OK && code != SQLITE_BUSY {
            log.error(
                "checkpoint failed", metadata: ["detail": "\(DatabaseError.of(code, connection.handle, "checkpoint"))"])
        }
    }

    /// Moves everything into the database file and holds it as it is. On the writer's thread, between two groups.
    func freeze(_ writer: Connection) throws(DatabaseError) {
        let code = state.withLock { state -> Int32 in
            guard state.frozen == 0 else {
                state.frozen += 1
                return SQLITE_OK
            }
            // FULL waits for readers of older snapshots; their work is short.
            let code = sqlite3_wal_checkpoint_v2(writer.handle, nil, SQLITE_CHECKPOINT_FULL, nil, nil)
            if code == SQLITE_OK { state.frozen = 1 }
            return code
        }
        guard code == SQLITE_OK else { throw .of(code, writer.handle, "checkpoint before a copy") }
        framesDone = frames
    }

    func unfreeze() {
        state.withLock { $0.frozen -= 1 }
    }

    func close() {
        pool.stop()
        state.withLock { state in
            state.connection?.close()
            state.connection = nil
        }
    }
}
