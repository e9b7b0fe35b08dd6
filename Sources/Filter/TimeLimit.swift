import Synchronization

/// A bound on how long a stage is waited for.
enum TimeLimit {
    /// - Returns: what `work` returned, or nil when it took longer, or when the caller was cancelled. Late work is
    ///   cancelled and not waited for, so that a service that never answers holds nobody up.
    static func run<Value: Sendable>(
        milliseconds: Int, _ work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let race = Race<Value>()
        let worker = Task { race.finish(await work()) }
        let timer = Task {
            try? await Task.sleep(for: .milliseconds(milliseconds))
            race.finish(nil)
        }
        defer {
            worker.cancel()
            timer.cancel()
        }
        return await withTaskCancellationHandler {
            await race.outcome()
        } onCancel: {
            timer.cancel()
        }
    }
}

/// The first of several outcomes.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case running
        case awaited(CheckedContinuation<Value?, Never>)
        case finished(Value?)
    }

    private let state = Mutex(State.running)

    func finish(_ value: Value?) {
        let waiter: CheckedContinuation<Value?, Never>? = state.withLock { state in
            switch state {
            case .running:
                state = .finished(value)
                return nil
            case .awaited(let continuation):
                state = .finished(value)
                return continuation
            case .finished: return nil
            }
        }
        waiter?.resume(returning: value)
    }

    func outcome() async -> Value? {
        await withCheckedContinuation { continuation in
            let early: Value?? = state.withLock { state in
                if case .finished(let value) = state { return .some(value) }
                state = .awaited(continuation)
                return .none
            }
            if case .some(let value) = early { continuation.resume(returning: value) }
        }
    }
}
