import CSys
import Glibc
import ScannerWire
import Synchronization

/// What `Link` does on its thread.
extension Link {
    /// What the thread knows of the running process.
    private struct Life {
        let process: ChildProcess
        var lines = LineSplitter()
        var hasAnswered = false
        /// When to look next for requests that waited too long.
        var expireAt = 0
    }

    /// The thread: one life of the process after another.
    func run() {
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
        var life = Life(process: process)
        // The first question: its answer says that signatures are loaded.
        let hello = Request(id: 0, .status).datagram ?? []
        let isGreeted = hello.withUnsafeBytes { csys_send_fd(process.socket, $0.baseAddress, $0.count, -1) } > 0
        while isGreeted, !isStopping.load(ordering: .sequentiallyConsistent), serve(&life) {
            if life.hasAnswered { backOff.succeeded() }
        }
        readErrors(&life)
        if !life.hasAnswered { backOff.failed() }
        return "the scanner died"
    }

    /// One turn: sends, waits, reads. False when the scanner is gone.
    private func serve(_ life: inout Life) -> Bool {
        let isFull = !send(to: life.process)
        var polled = [
            pollfd(fd: alarm, events: Int16(POLLIN), revents: 0),
            pollfd(fd: life.process.socket, events: Int16(isFull ? POLLIN | POLLOUT : POLLIN), revents: 0),
            pollfd(fd: life.process.errors, events: Int16(POLLIN), revents: 0),
        ]
        let hasPending = table.withLock { $0.pending } > 0
        _ = poll(&polled, 3, hasPending ? 250 : -1)
        clearAlarm()
        if polled[2].revents != 0 { readErrors(&life) }
        if polled[1].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, !readAnswers(&life) { return false }
        expire("the scanner did not answer in time", &life.expireAt)
        return true
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
    private func readAnswers(_ life: inout Life) -> Bool {
        let socket = life.process.socket
        while true {
            var passed: Int32 = -1
            var count = 0
            let octets = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Bounds.datagramOctetsMax) { buffer in
                count = csys_recv_fd(socket, buffer.baseAddress, buffer.count, &passed)
                return Array(buffer.prefix(max(count, 0)))
            }
            if passed >= 0 { close(passed) }
            if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return true }
            // A scanner whose words cannot be read is of no use.
            guard count > 0, let answer = Answer(octets) else { return false }
            if !life.hasAnswered { greeted(answer) }
            life.hasAnswered = true
            finish(answer.id, .answer(answer.body))
        }
    }

    private func greeted(_ answer: Answer) {
        table.withLock { $0.phase = .running }
        if case .status(let status) = answer.body { log.started(status) }
    }

    private func readErrors(_ life: inout Life) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(life.process.errors, &buffer, buffer.count)
            guard count > 0 else { return }
            for line in life.lines.feed(buffer.prefix(count), now: Clock.now()) { log.said(line) }
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
