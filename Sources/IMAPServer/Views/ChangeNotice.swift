import MailCore
import Synchronization
import Transport

/// What the store's hub said of a mailbox since somebody looked: the mod-sequences of its commits.
///
/// A session takes its own out, and reads the store only when another's are left.
final class ChangeNotice: Sendable {
    private struct State {
        var modSeqs: [Int64] = []
        var hasMore = false
        var isIdling = false
    }

    /// More than this are one "something changed".
    static let keptMax = 16

    private let state = Mutex(State())
    private let waker: ConnectionWaker

    init(waker: ConnectionWaker) { self.waker = waker }

    /// Called on the writer's thread.
    func changed(_ modSeq: ModSeq) {
        let isIdling = state.withLock { state in
            if state.modSeqs.count < Self.keptMax {
                state.modSeqs.append(modSeq.rawValue)
            } else {
                state.hasMore = true
            }
            return state.isIdling
        }
        if isIdling { waker.wake() }
    }

    /// What was taken could not be read: to be looked at again with the next command. Nobody is woken, so that a store
    /// that fails is not asked without end.
    func remind() { state.withLock { $0.hasMore = true } }

    /// Only in IDLE is anybody woken.
    var isIdling: Bool {
        get { state.withLock { $0.isIdling } }
        set { state.withLock { $0.isIdling = newValue } }
    }

    /// Whether there were commits of others; forgets all.
    func take(except own: Set<Int64>) -> Bool {
        state.withLock { state in
            defer {
                state.modSeqs = []
                state.hasMore = false
            }
            return state.hasMore || state.modSeqs.contains { !own.contains($0) }
        }
    }
}
