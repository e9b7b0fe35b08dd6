import Glibc
import Synchronization

/// Threads of its own for work that blocks or that burns CPU, so that neither an event loop nor Swift's shared pool waits.
///
/// The queue is bounded: a caller is told `Full` at once and says so to its client, instead of memory growing. As a
/// `TaskExecutor` it runs the jobs of tasks that prefer it; those are bounded by who makes the tasks.
public final class BlockingPool: TaskExecutor, Sendable {
    /// More work is waiting than the pool may hold, or the pool was stopped.
    public struct Full: Error, Equatable, Sendable {
        public var pool: String
    }

    /// What goes first when several wait.
    public enum Priority: Sendable {
        /// A client waits for it.
        case interactive
        /// Scans, background work.
        case bulk
    }

    private struct Queues {
        var interactive: [@Sendable () -> Void] = []
        var bulk: [@Sendable () -> Void] = []
        var interactiveHead = 0
        var bulkHead = 0
        var isStopped = false

        var count: Int { interactive.count - interactiveHead + bulk.count - bulkHead }

        mutating func take() -> (@Sendable () -> Void)? {
            if let work = Self.take(&interactive, &interactiveHead) { return work }
            return Self.take(&bulk, &bulkHead)
        }

        private static func take(_ queue: inout [@Sendable () -> Void], _ head: inout Int) -> (@Sendable () -> Void)? {
            guard head < queue.count else { return nil }
            let work = queue[head]
            queue[head] = {}
            head += 1
            if head == queue.count {
                queue.removeAll(keepingCapacity: true)
                head = 0
            } else if head > 1_024 {
                queue.removeFirst(head)
                head = 0
            }
            return work
        }
    }

    public let name: String
    private let queueMax: Int
    private let state = Mutex(Queues())
    private let wakeUp = Semaphore()

    /// - Parameters:
    ///   - name: of its threads, at most 15 octets are shown by the system.
    ///   - threads: how many; they live until `stop()`.
    ///   - queueMax: how much work may wait before `run` throws `Full`.
    public init(name: String, threads: Int, queueMax: Int) {
        self.name = name
        self.queueMax = queueMax
        for _ in 0..<max(1, threads) {
            Thread.start(name: name) { [self] in serve() }
        }
    }

    /// Runs `work` on a thread of the pool.
    ///
    /// - Throws: `Full` before anything was run; else what `work` throws.
    public func run<Outcome: Sendable>(
        priority: Priority = .interactive, _ work: @escaping @Sendable () throws -> Outcome
    ) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            let isQueued = submit(priority: priority) { continuation.resume(with: Result { try work() }) }
            if !isQueued { continuation.resume(throwing: Full(pool: name)) }
        }
    }

    /// Queues `work` without waiting for it. False when the queue is full or the pool stopped; then it is never run.
    public func submit(priority: Priority = .interactive, _ work: @escaping @Sendable () -> Void) -> Bool {
        let isQueued = state.withLock { queues in
            guard !queues.isStopped, queues.count < queueMax else { return false }
            switch priority {
            case .interactive: queues.interactive.append(work)
            case .bulk: queues.bulk.append(work)
            }
            return true
        }
        if isQueued { wakeUp.signal() }
        return isQueued
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        state.withLock { $0.interactive.append { job.runSynchronously(on: executor) } }
        wakeUp.signal()
    }

    /// Lets the threads finish what is queued and end. New work is refused.
    public func stop() {
        state.withLock { $0.isStopped = true }
        wakeUp.signal()
    }

    private func serve() {
        while true {
            wakeUp.wait()
            let (work, isStopped) = state.withLock { ($0.take(), $0.isStopped) }
            if let work {
                work()
            } else if isStopped {
                wakeUp.signal()  // For the next thread.
                return
            }
        }
    }
}
