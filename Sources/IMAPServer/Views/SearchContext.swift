import IMAP
import MailCore
import NIOCore

/// A search whose result is kept up to date for its client (RFC 5267 §4.3).
struct SearchContext: Sendable {
    let search: Search
    /// What the client was told to be in the result.
    var hits: UIDRuns

    /// Of one selected mailbox.
    static let countMax = 8

    /// `* ESEARCH (TAG "B01") UID ADDTO (0 32768)`; position 0, since a SEARCH is in the mailbox's order (§4.3.3).
    func write(_ item: String, _ uids: UIDRuns, _ view: UIDRuns, into output: inout ByteBuffer) {
        guard !uids.isEmpty else { return }
        let response = ESearchResponse(tag: search.tag, byUID: search.byUID, into: &output)
        response.update(item, search.byUID ? uids.ranges : view.numbers(of: uids), into: &output)
        response.end(into: &output)
    }

    /// RFC 5267 §4.3.4: what is about to be expunged leaves the result before.
    mutating func remove(_ gone: UIDRuns, _ view: UIDRuns, into output: inout ByteBuffer) {
        let removed = hits.intersection(gone.ranges)
        write("REMOVEFROM", removed, view, into: &output)
        hits.remove(removed.ranges)
    }
}
