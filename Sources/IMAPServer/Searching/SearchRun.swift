package import IMAP
package import MailCore
package import MessageStore

/// One SEARCH being performed: page by page, and of each message no more is read than decides.
///
/// First the narrow rows are looked at. What they leave open is asked of the index (`SearchIndex`), then of the header
/// fields that are kept apart; what is open still is read from the messages.
package struct SearchRun: Sendable {
    let store: MessageStore
    let account: AccountID
    let mailbox: MailboxID
    let view: UIDRuns
    let condition: Condition
    /// From so many messages on the index is asked.
    private let indexFrom: Int

    /// - Parameters:
    ///   - recent: the messages that are `\Recent` for who searches.
    ///   - saved: what "$" stands for.
    ///   - now: seconds since 1970, for YOUNGER and OLDER.
    ///   - indexFrom: so many messages are not read sooner than the index is asked about them.
    /// - Throws: `Refusal` when there is no message of a number that is asked for.
    package init(
        _ key: SearchKey, store: MessageStore, account: AccountID, mailbox: MailboxID, view: UIDRuns,
        recent: UIDRuns = UIDRuns(), keywords: Keywords, saved: UIDRuns = UIDRuns(), now: Int64 = 0,
        indexFrom: Int = 48
    ) throws {
        self.store = store
        self.account = account
        self.mailbox = mailbox
        self.view = view
        self.indexFrom = indexFrom
        condition = try Condition(key, view: view, recent: recent, keywords: keywords, saved: saved, now: now)
    }

    /// The UIDs of all that match and are still there.
    package func perform() async throws -> UIDRuns {
        let wanted = condition.bound.map { view.intersection($0.ranges) } ?? view
        guard !wanted.isEmpty else { return UIDRuns() }
        var reader = SearchReader(store: store, account: account, condition: condition, indexFrom: indexFrom)
        // Where rows decide nothing the index does; else it is asked when it is known what they leave.
        if wanted.count >= indexFrom, condition.isDecidedByText { await reader.askIndex() }
        var result = UIDRuns()
        for span in view.spans(of: wanted) {
            // Nothing but what arrived since, which is above, is between the members of one run.
            let isDense = view.intersection(span).count == span.count
            var next: UInt32? = span.lowerBound
            while let first = next {
                let page = try await scan(first...span.upperBound, isDense: isDense, reader.condition)
                var hits = page.hits
                if !page.open.isEmpty {
                    hits += try await reader.hits(among: page.open)
                    hits.sort()
                }
                for uid in hits { result.append(uid) }
                next = page.next
            }
        }
        return result
    }

    private func scan(_ uids: ClosedRange<UInt32>, isDense: Bool, _ condition: Condition) async throws -> ScanPage {
        let filter = condition.filter
        if condition.isFilter, isDense {
            return try await store.scan(mailbox, uids: uids, matching: filter, columns: []) { _ in true }
        }
        return try await store.scan(mailbox, uids: uids, matching: filter, columns: condition.columns) { [view] row in
            isDense || view.contains(row.uid) ? Candidate(row).satisfies(condition) : false
        }
    }
}
