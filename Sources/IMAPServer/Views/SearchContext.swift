import IMAP
import MailCore
import NIOCore

/// A search whose result is kept up to date for its client (RFC 5267 §4.3).
struct SearchContext: Sendable {
    let search: Search
    /// What the client was told to be in the result.
    var hits: UIDRuns
    /// The same in the order of a SORT; nil for a SEARCH.
    var sorted: SortedHits?

    /// Of one selected mailbox.
    static let countMax = 8

    /// `* ESEARCH (TAG "B01") UID ADDTO (0 32768)`; position 0, since a SEARCH is in the mailbox's order (§4.3.3).
    private func write(_ item: String, _ uids: UIDRuns, _ view: UIDRuns, into output: inout ByteBuffer) {
        guard !uids.isEmpty else { return }
        let response = ESearchResponse(tag: search.tag, byUID: search.byUID, into: &output)
        response.update(item, search.byUID ? uids.ranges : view.numbers(of: uids), into: &output)
        response.end(into: &output)
    }

    /// `* ESEARCH (TAG "B01") UID ADDTO (3 32768,32765 9 32770)`
    private func write(
        _ item: String, _ pieces: [SortedHits.Piece], _ view: UIDRuns, into output: inout ByteBuffer
    ) {
        guard !pieces.isEmpty else { return }
        let response = ESearchResponse(tag: search.tag, byUID: search.byUID, into: &output)
        let places = pieces.map { piece in
            (
                position: piece.position,
                numbers: search.byUID
                    ? piece.uids.map(\.rawValue)
                    : piece.uids.compactMap { view.rank(of: $0).map { UInt32(clamping: $0) } }
            )
        }
        response.update(item, inOrder: places, into: &output)
        response.end(into: &output)
    }

    /// Takes messages out of the result. What is about to be expunged leaves it before (§4.3.4).
    mutating func remove(_ gone: UIDRuns, _ view: UIDRuns, into output: inout ByteBuffer) {
        let removed = hits.intersection(gone.ranges)
        guard !removed.isEmpty else { return }
        if let pieces = sorted?.remove(removed) {
            write("REMOVEFROM", pieces, view, into: &output)
        } else {
            write("REMOVEFROM", removed, view, into: &output)
        }
        hits.remove(removed.ranges)
    }

    /// Takes messages in.
    ///
    /// - Parameter order: them in the order of a SORT, and how many that are there come before each.
    mutating func add(
        _ added: UIDRuns, _ order: (uids: [UID], places: [Int])?, _ view: UIDRuns, into output: inout ByteBuffer
    ) {
        if let order, let pieces = sorted?.insert(order.uids, at: order.places) {
            write("ADDTO", pieces, view, into: &output)
            hits = UIDRuns(hits.ranges + order.uids.map { $0.rawValue...$0.rawValue })
        } else {
            write("ADDTO", added, view, into: &output)
            hits = UIDRuns(hits.ranges + added.ranges)
        }
    }
}
