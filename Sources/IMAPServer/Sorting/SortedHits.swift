import IMAP
import MailCore

/// The result of a SORT that is kept up to date (RFC 5267 §4.3): which messages, in the order that was asked for.
///
/// Only UIDs are kept. What a message is sorted by never changes, so that one that stays keeps its place among the others,
/// and of those that come alone it must be found out.
struct SortedHits: Sendable {
    let criteria: [Sort.Criterion]
    private(set) var order: [UID]

    /// Messages that belong together, and the place of the first of them, from 1.
    struct Piece: Equatable, Sendable {
        var position: Int
        var uids: [UID]
    }

    /// Larger results are not kept up to date.
    static let countMax = 200_000
    /// Results of one selected mailbox.
    static let contextsMax = 2

    init(_ criteria: [Sort.Criterion], _ order: [UID]) {
        self.criteria = criteria
        self.order = order
    }

    /// Takes messages out; what a client must do for it, step by step.
    mutating func remove(_ gone: UIDRuns) -> [Piece] {
        var pieces: [Piece] = []
        var kept: [UID] = []
        kept.reserveCapacity(order.count)
        for uid in order {
            guard gone.contains(uid) else {
                kept.append(uid)
                continue
            }
            // §4.3.4: the place that it has when those before it are taken out.
            if let last = pieces.indices.last, pieces[last].position == kept.count + 1 {
                pieces[last].uids.append(uid)
            } else {
                pieces.append(Piece(position: kept.count + 1, uids: [uid]))
            }
        }
        order = kept
        return pieces
    }

    /// Puts messages where they belong; what a client must do for it, step by step.
    ///
    /// - Parameters:
    ///   - added: sorted among themselves.
    ///   - place: how many of those that are there come before a message, at or behind a place that is known to.
    mutating func insert(_ added: [UID], at place: [Int]) -> [Piece] {
        var pieces: [Piece] = []
        var all: [UID] = []
        all.reserveCapacity(order.count + added.count)
        var taken = 0
        for (uid, before) in zip(added, place) {
            all += order[taken..<max(taken, min(before, order.count))]
            taken = max(taken, min(before, order.count))
            all.append(uid)
            // §4.3.3: the place that it has once it is there.
            if let last = pieces.indices.last, pieces[last].position + pieces[last].uids.count == all.count {
                pieces[last].uids.append(uid)
            } else {
                pieces.append(Piece(position: all.count, uids: [uid]))
            }
        }
        order = all + order[taken...]
        return pieces
    }
}
