import CSys
import Execution
import Glibc
import ScannerWire
import Synchronization

/// Holds the scanner's process and its socket on a thread of its own, and matches answers to requests.
///
/// Whoever asks waits at a continuation; no thread of Swift's pool and no event loop ever waits for the socket.
final class Link: Sendable {
    let configuration: ScannerConfiguration
    let table = Mutex(ExchangeTable())
    let isStopping = Atomic<Bool>(false)
    private let isStarted = Atomic<Bool>(false)
    /// Waiters for the end of the thread; nil when it has ended.
    let endWaiters = Mutex<[CheckedContinuation<Void, Never>]?>([])
    /// An eventfd that ends the thread's poll.
    let alarm: Int32
    let log: LinkLog

    init(_ configuration: ScannerConfiguration, log: LinkLog) {
        self.configuration = configuration
        self.log = log
        alarm = csys_eventfd()
    }

    deinit { close(alarm) }

    func start() {
        guard !isStarted.exchange(true, ordering: .sequentiallyConsistent) else { return }
        Execution.Thread.start(name: "scanner") { self.run() }
    }

    /// Ends the process and the thread; whoever waits gets `unavailable`.
    func stop() async {
        letGo()
        guard isStarted.load(ordering: .sequentiallyConsistent) else { return }
        await withCheckedContinuation { continuation in
            let hasEnded = endWaiters.withLock { waiters in
                waiters?.append(continuation)
                return waiters == nil
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// As `stop`, without waiting.
    func letGo() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        wake()
    }

    var snapshot: (phase: ExchangeTable.Phase, restarts: Int, pending: Int, process: Int32) {
        table.withLock { ($0.phase, $0.restarts, $0.pending, $0.process) }
    }

    /// Asks and waits, at most `seconds`. Ends early when the task is cancelled.
    func ask(_ body: Request.Body, handover: Handover? = nil, seconds: Int) async -> Exchange.Reply {
        let id = table.withLock { $0.takeID() }
        guard let datagram = Request(id: id, body).datagram else { return .unavailable(reason: "too much to ask") }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let exchange = Exchange(
                    id: id, datagram: datagram, handover: handover, deadline: Clock.now() + seconds * 1_000,
                    continuation: continuation)
                if let reason = table.withLock({ $0.add(exchange, configuration) }) {
                    return continuation.resume(returning: .unavailable(reason: reason))
                }
                wake()
                if Task.isCancelled { finish(id, .unavailable(reason: "cancelled")) }
            }
        } onCancel: {
            finish(id, .unavailable(reason: "cancelled"))
        }
    }

    func finish(_ id: UInt32, _ reply: Exchange.Reply) {
        table.withLock { $0.remove(id) }?.continuation.resume(returning: reply)
    }

    func finish(_ exchanges: [Exchange], _ reason: String) {
        for exchange in exchanges { exchange.continuation.resume(returning: .unavailable(reason: reason)) }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(alarm, &one, 8)
    }
}
