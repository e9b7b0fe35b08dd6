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
    private let table = Mutex(ExchangeTable())
    private let isStopping = Atomic<Bool>(false)
    private let isStarted = Atomic<Bool>(false)
    /// Waiters for the end of the thread; nil when it has ended.
    private let endWaiters = Mutex<[CheckedContinuation<Void, Never>]?>([])
    /// An eventfd that ends the thread's poll.
    private let alarm: Int32
    private let log: LinkLog

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

    private func finish(_ id: UInt32, _ reply: Exchange.Reply) {
        table.withLock { $0.remove(id) }?.continuation.resume(returning: reply)
    }

    private func finish(_ exchanges: [Exchange], _ reason: String) {
        for exchange in exchanges { exchange.continuation.resume(returning: .unavailable(reason: reason)) }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(alarm, &one, 8)
    }

    // MARK: The thread

    private func run() {
        var backOff = BackOff(configuration)
        while !isStopping.load(ordering: .sequentiallyConsistent) {
            let reason = serveOnce(&backOff)
            if isStopping.load(ordering: .sequentiallyConsistent) { break }
            let isDown = backOff.isHopeless
            let lost = table.withLock { table in
                table.phase = isDown ? .down(reason: reason) : .starting
                table.restarts += 1
                table.process = 0
                return table.removeAll(alsoWaiting: isDown)
            }
            finish(lost, reason)
            log.died(reason, pauseMilliseconds: backOff.milliseconds)
            pause(backOff.next())
        }
        let lost = table.withLock { table in
            table.phase = .down(reason: "the server is stopping")
            return table.removeAll(alsoWaiting: true)
        }
        finish(lost, "the server is stopping")
        let waiters = endWaiters.withLock { waiters in
            defer { waiters = nil }
            return waiters ?? []
        }
        for waiter in waiters { waiter.resume() }
    }

    /// One life of the process. Why it ended.
    private func serveOnce(_ backOff: inout BackOff) -> String {
        let process: ChildProcess
        do throws(ChildProcess.Failure) {
            process = try ChildProcess.start(configuration.executable, configuration.arguments)
        } catch {
            backOff.failed()
            return error.reason
        }
        defer { process.end() }
        table.withLock { table in
            table.process = process.pid
            if case .down = table.phase { table.phase = .starting }
        }
        // The first question: its answer says that signatures are loaded.
        guard let hello = Request(id: 0, .status).datagram else { return "no greeting" }
        let isGreeted = hello.withUnsafeBytes { csys_send_fd(process.socket, $0.baseAddress, $0.count, -1) } > 0
        var lines = LineSplitter()
        var hasAnswered = false
        var expireAt = 0
        while isGreeted, !isStopping.load(ordering: .sequentiallyConsistent) {
            let isFull = !send(to: process)
            var polled = [
                pollfd(fd: alarm, events: Int16(POLLIN), revents: 0),
                pollfd(fd: process.socket, events: Int16(isFull ? POLLIN | POLLOUT : POLLIN), revents: 0),
                pollfd(fd: process.errors, events: Int16(POLLIN), revents: 0),
            ]
            let hasPending = table.withLock { $0.pending } > 0
            _ = poll(&polled, 3, hasPending ? 250 : -1)
            clearAlarm()
            if polled[2].revents != 0 { readErrors(process, &lines) }
            if polled[1].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
                guard readAnswers(process, &hasAnswered) else { break }
                if hasAnswered { backOff.succeeded() }
            }
            expire("the scanner did not answer in time", &expireAt)
        }
        readErrors(process, &lines)
        if !hasAnswered { backOff.failed() }
        return "the scanner died"
    }

    /// Sends what may go. False when the socket is full.
    private func send(to process: ChildProcess) -> Bool {
        while let exchange = table.withLock({ $0.next(scansMax: configuration.workers * 2) }) {
            let count = exchange.datagram.withUnsafeBytes {
                csys_send_fd(process.socket, $0.baseAddress, $0.count, exchange.handover?.descriptor ?? -1)
            }
            if count == exchange.datagram.count { continue }
            let isFull = errno == EAGAIN || errno == EWOULDBLOCK || errno == ETOOMANYREFS
            table.withLock { $0.unsend(exchange) }
            return !isFull  // Else the socket is dead, which the poll will say.
        }
        return true
    }

    /// False when the scanner is gone.
    private func readAnswers(_ process: ChildProcess, _ hasAnswered: inout Bool) -> Bool {
        while true {
            var passed: Int32 = -1
            var count = 0
            let octets = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Bounds.datagramOctetsMax) { buffer in
                count = csys_recv_fd(process.socket, buffer.baseAddress, buffer.count, &passed)
                return Array(buffer.prefix(max(count, 0)))
            }
            if passed >= 0 { close(passed) }
            if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return true }
            // A scanner whose words cannot be read is of no use.
            guard count > 0, let answer = Answer(octets) else { return false }
            if !hasAnswered { greeted(answer) }
            hasAnswered = true
            finish(answer.id, .answer(answer.body))
        }
    }

    private func greeted(_ answer: Answer) {
        table.withLock { $0.phase = .running }
        if case .status(let status) = answer.body { log.started(status) }
    }

    private func readErrors(_ process: ChildProcess, _ lines: inout LineSplitter) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(process.errors, &buffer, buffer.count)
            guard count > 0 else { return }
            for line in lines.feed(buffer.prefix(count), now: Clock.now()) { log.said(line) }
        }
    }

    /// Ends what waited too long; looks four times a second, not at each answer.
    private func expire(_ reason: String, _ next: inout Int) {
        let now = Clock.now()
        guard now >= next else { return }
        next = now + 250
        finish(table.withLock { $0.removeExpired(now: now) }, reason)
    }

    private func clearAlarm() {
        var value: UInt64 = 0
        _ = read(alarm, &value, 8)
    }

    /// Waits before another start; ends early when the link is to stop.
    private func pause(_ milliseconds: Int) {
        let end = Clock.now() + milliseconds
        var expireAt = 0
        while !isStopping.load(ordering: .sequentiallyConsistent) {
            let rest = end - Clock.now()
            guard rest > 0 else { return }
            var polled = pollfd(fd: alarm, events: Int16(POLLIN), revents: 0)
            _ = poll(&polled, 1, Int32(clamping: min(rest, 250)))
            clearAlarm()
            expire("the scanner is being started again", &expireAt)
        }
    }
}
