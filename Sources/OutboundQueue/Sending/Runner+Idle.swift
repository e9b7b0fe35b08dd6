/// Connections that are kept open for a moment: mail of one sender comes in a stream, and a new connection costs both
/// sides more than a message.
extension Runner {
    struct Idle {
        var number: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    /// Waits until something comes for this destination.
    ///
    /// - Returns: what is to be sent over the open connection; nil when it is to be closed.
    func waitForMore(_ destination: Destination, sent: Int) async -> Consignment? {
        guard options.idleSeconds > 0, unserved.isEmpty, !isStopped, lines[destination]?.isEmpty == true else {
            return nil
        }
        nextIdle += 1
        let number = nextIdle
        let alarm = Task { [seconds = options.idleSeconds] in
            try? await Task.sleep(for: .seconds(seconds))
            dismiss(destination, number)
        }
        let hasCome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                idle[destination, default: []].append(Idle(number: number, continuation: continuation))
                // Cancelled or stopped before it was here to be found.
                if Task.isCancelled || isStopped { dismiss(destination, number) }
            }
        } onCancel: {
            Task { await self.dismiss(destination, number) }
        }
        alarm.cancel()
        return hasCome ? next(destination, sent: sent) : nil
    }

    private func dismiss(_ destination: Destination, _ number: Int) {
        guard let place = idle[destination]?.firstIndex(where: { $0.number == number }) else { return }
        idle[destination]?.remove(at: place).continuation.resume(returning: false)
        if idle[destination]?.isEmpty == true { idle[destination] = nil }
    }

    /// One connection for each message that came, the one that rested least first.
    func wakeIdle(_ destination: Destination) {
        var count = lines[destination]?.count ?? 0
        while count > 0, let last = idle[destination]?.popLast() {
            last.continuation.resume(returning: true)
            count -= 1
        }
        if idle[destination]?.isEmpty == true { idle[destination] = nil }
    }

    /// Somebody waits for a connection, or all is to end.
    func dismissIdle() {
        let all = idle.values.flatMap { $0 }
        idle = [:]
        for one in all { one.continuation.resume(returning: false) }
    }
}
