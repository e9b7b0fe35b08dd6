import NIOCore
import Synchronization

/// Lets a session be told from any thread that something changed (`ConnectionEvent.woken`).
public final class ConnectionWaker: Sendable {
    private struct State {
        var isPending = false
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    init() {}

    /// Wakes the engine soon. Calls that come before it was woken fold into one.
    public func wake() {
        let wake = state.withLock { state in
            guard !state.isPending else { return nil as (@Sendable () -> Void)? }
            state.isPending = state.wake != nil
            return state.wake
        }
        wake?()
    }

    func connect(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wake = wake }
    }

    /// From here on a new call wakes again.
    func taken() { state.withLock { $0.isPending = false } }

    func disconnect() { state.withLock { $0.wake = nil } }
}
