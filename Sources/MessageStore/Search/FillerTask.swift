internal import Execution
internal import Glibc
internal import Synchronization

/// The one thread that fills search files, at a low priority of the system's.
final class FillerTask: Sendable {
    private struct State {
        /// What it sleeps in.
        var rest: Task<Void, Never>?
        var isWoken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isStopped = false
    }

    /// How often the store is asked for new mail.
    static let restTime = Duration.seconds(2)
    /// Others of the same machine go first.
    private static let niceness: Int32 = 15

    private let state = Mutex(State())
    private let pool = BlockingPool(name: "search-fill", threads: 1, queueMax: 16)
    private let task: Mutex<Task<Void, Never>?> = Mutex(nil)

    init(_ filler: Filler) {
        task.withLock { task in
            task = Task(executorPreference: pool) { [weak self] in
                // On Linux it is the thread's alone.
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
                var filler = filler
                while let self, !self.isStopped { await self.round(&filler) }
            }
        }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func round(_ filler: inout Filler) async {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        await filler.round(isUrgent: !waiting.isEmpty) { isStopped }
        for continuation in waiting { continuation.resume() }
        await rest()
    }

    private func rest() async {
        let rest = Task<Void, Never> { _ = try? await Task.sleep(for: Self.restTime) }
        let isWoken = state.withLock { state in
            defer { state.isWoken = false }
            if !state.isWoken, !state.isStopped { state.rest = rest }
            return state.isWoken || state.isStopped
        }
        if isWoken { rest.cancel() }
        _ = await rest.value
        state.withLock { $0.rest = nil }
    }

    /// Ends a rest, or the next one before it begins.
    func wake() {
        state.withLock { state in
            state.isWoken = state.rest == nil
            return state.rest
        }?.cancel()
    }

    func catchUp() async {
        await withCheckedContinuation { continuation in
            let isStopped = state.withLock { state in
                if !state.isStopped { state.waiting.append(continuation) }
                return state.isStopped
            }
            if isStopped { continuation.resume() } else { wake() }
        }
    }

    /// Returns when the batch under way is written.
    func stop() async {
        state.withLock { $0.isStopped = true }
        wake()
        await task.withLock { $0 }?.value
        pool.stop()
        for continuation in state.withLock({ $0.waiting }) { continuation.resume() }
    }
}
