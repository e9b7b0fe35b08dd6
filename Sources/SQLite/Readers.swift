internal import Execution
internal import Synchronization

/// The connections that read: as many as threads, so that a job on one of them always finds a free one.
final class Readers: Sendable {
    private struct State {
        var idle: [Connection] = []
        var isClosed = false
        var open: Int
        var whenClosed: (@Sendable () -> Void)?
    }

    let pool: BlockingPool
    /// A connection is in `idle`, or with the one thread that took it out.
    private let state: Mutex<State>

    init(_ connections: [Connection], queueMax: Int) {
        pool = BlockingPool(name: "store-read", threads: connections.count, queueMax: queueMax)
        state = Mutex(State(idle: connections, open: connections.count))
    }

    /// One snapshot for `body`. On a thread of the pool, or another that may block.
    func read<Outcome>(_ body: (ReadConnection) throws -> Outcome) throws -> Outcome {
        let connection = try takeOut()
        defer { putBack(connection) }
        try connection.execute("BEGIN")
        defer { try? connection.execute("ROLLBACK") }
        return try body(ReadConnection(connection))
    }

    private func takeOut() throws(DatabaseError) -> Connection {
        let (taken, isClosed) = state.withLock { ($0.idle.popLast(), $0.isClosed) }
        guard let taken else { throw isClosed ? .closed : .busy }
        return taken
    }

    private func putBack(_ connection: Connection) {
        let last = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.isClosed else {
                state.idle.append(connection)
                return nil
            }
            connection.close()
            state.open -= 1
            return state.open == 0 ? state.whenClosed : nil
        }
        last?()
    }

    /// Refuses new reads; `whenClosed` is called when the last connection is closed.
    func close(_ whenClosed: @escaping @Sendable () -> Void) {
        pool.stop()
        let isDone = state.withLock { state in
            state.isClosed = true
            state.whenClosed = whenClosed
            for connection in state.idle { connection.close() }
            state.open -= state.idle.count
            state.idle = []
            return state.open == 0
        }
        if isDone { whenClosed() }
    }
}
