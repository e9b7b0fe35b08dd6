import MailCore
import Synchronization

/// The last known view of mailboxes, so that sessions at the same point share one, and SELECT need not read it again.
final class ViewCache: Sendable {
    /// Names a state of a mailbox: each message that comes or goes moves one of them.
    struct Point: Equatable, Sendable {
        var modSeq: ModSeq
        var uidNext: UID
    }

    private struct Entry {
        var point: Point
        var view: UIDRuns
        var usedAt: Int
    }

    private struct State {
        var entries: [MailboxID: Entry] = [:]
        var runs = 0
        var clock = 0
    }

    static let mailboxesMax = 1_024
    /// Runs in all views together, of 16 octets each.
    static let runsMax = 1_048_576

    private let state = Mutex(State())

    func view(of mailbox: MailboxID, at point: Point) -> UIDRuns? {
        state.withLock { state in
            guard state.entries[mailbox]?.point == point else { return nil }
            state.clock += 1
            state.entries[mailbox]?.usedAt = state.clock
            return state.entries[mailbox]?.view
        }
    }

    /// The one view of all who are at this point: what is there already, or `view`, which must be all that the mailbox
    /// held then.
    func shared(_ view: UIDRuns, of mailbox: MailboxID, at point: Point) -> UIDRuns {
        state.withLock { state in
            state.clock += 1
            if let known = state.entries[mailbox] {
                if known.point == point {
                    state.entries[mailbox]?.usedAt = state.clock
                    return known.view
                }
                // Somebody else is further on.
                if known.point.modSeq > point.modSeq { return view }
                state.runs -= known.view.runCount
            }
            state.entries[mailbox] = Entry(point: point, view: view, usedAt: state.clock)
            state.runs += view.runCount
            while state.entries.count > Self.mailboxesMax || state.runs > Self.runsMax,
                let oldest = state.entries.min(by: { $0.value.usedAt < $1.value.usedAt })
            {
                state.runs -= oldest.value.view.runCount
                state.entries[oldest.key] = nil
            }
            return view
        }
    }
}
