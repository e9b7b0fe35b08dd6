import MailCore
import MessageStore
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
        var wakesAlways = false
        /// What left by which commit, until the client was told.
        var removals: [(modSeq: Int64, rows: [MessageSummary])] = []
        var removedRows = 0
    }

    /// More than this are one "something changed". A STORE of 100,000 messages makes 25 commits.
    static let keptMax = 64
    /// Rows of removed messages that are kept for a client that was not told; more are forgotten.
    static let removedMax = 20_000

    private let state = Mutex(State())
    private let waker: ConnectionWaker

    init(waker: ConnectionWaker) { self.waker = waker }

    /// Called on the writer's thread.
    func changed(_ modSeq: ModSeq, _ removed: [MessageSummary]) {
        let isIdling = state.withLock { state in
            if !removed.isEmpty, state.removedRows + removed.count <= Self.removedMax {
                state.removals.append((modSeq.rawValue, removed))
                state.removedRows += removed.count
            }
            if state.modSeqs.count < Self.keptMax {
                state.modSeqs.append(modSeq.rawValue)
            } else {
                state.hasMore = true
            }
            return state.isIdling || state.wakesAlways
        }
        if isIdling { waker.wake() }
    }

    /// The rows of messages that left and were not told yet (RFC 2180 §4.1.2: they can still be fetched), ascending.
    func removed(among uids: UIDRuns) -> [MessageSummary] {
        state.withLock { state in
            state.removals.flatMap { $0.rows.filter { uids.contains($0.uid) } }.sorted { $0.uid < $1.uid }
        }
    }

    /// The client was told of all that left up to here.
    func told(upTo modSeq: ModSeq) {
        state.withLock { state in
            guard !state.removals.isEmpty else { return }
            state.removals.removeAll { $0.modSeq <= modSeq.rawValue }
            state.removedRows = state.removals.reduce(0) { $0 + $1.rows.count }
        }
    }

    /// What was taken could not be read: to be looked at again with the next command. Nobody is woken, so that a store
    /// that fails is not asked without end.
    func remind() { state.withLock { $0.hasMore = true } }

    /// NOTIFY wants to hear of the selected mailbox at once (RFC 5465 §6.1).
    var wakesAlways: Bool {
        get { state.withLock { $0.wakesAlways } }
        set { state.withLock { $0.wakesAlways = newValue } }
    }

    /// Else only in IDLE is anybody woken.
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
