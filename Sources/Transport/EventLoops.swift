import NIOCore
public import NIOPosix
import Synchronization

/// The event loops of the process, one a core.
public final class EventLoops: Sendable {
    /// For a server that brings a pipeline of its own (HTTP).
    public let group: MultiThreadedEventLoopGroup
    private let executors: [ObjectIdentifier: LoopExecutor]
    private let tasks = Atomic<Int>(0)
    private let inTurn: [LoopExecutor]
    private let connections = Atomic<UInt64>(0)
    private let start: UInt64

    public init(threads: Int) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads))
        var executors: [ObjectIdentifier: LoopExecutor] = [:]
        for loop in group.makeIterator() { executors[ObjectIdentifier(loop)] = LoopExecutor(loop) }
        self.executors = executors
        inTurn = Array(executors.values)
        start = UInt64.random(in: 0..<(1 << 24))
    }

    public func stop() async {
        try? await group.shutdownGracefully()
    }

    func executor(of loop: any EventLoop) -> LoopExecutor {
        executors[ObjectIdentifier(loop)] ?? LoopExecutor(loop)
    }

    /// For a task that speaks over a connection of its own: on the thread of its connection it need not wake another for
    /// each reply. The loops in turn; nothing in such a task may block.
    public func executorForTask() -> any TaskExecutor {
        let number = tasks.wrappingAdd(1, ordering: .relaxed).newValue
        return inTurn[Int(number.magnitude % UInt(inTurn.count))]
    }

    /// The loop that the calling task prefers; nil when it prefers none of these.
    func loopOfTask() -> (any EventLoop)? {
        withUnsafeCurrentTask { task in
            guard let executor = task?.unownedTaskExecutor else { return nil }
            return inTurn.first { $0.asUnownedTaskExecutor() == executor }?.loop
        }
    }

    /// Unique in this process' life and unlikely to meet one of an earlier life: a random start and a count.
    func nextIdentifier() -> String {
        let number = connections.wrappingAdd(1, ordering: .relaxed).newValue
        return "c" + String(start, radix: 36) + "-" + String(number, radix: 36)
    }
}
