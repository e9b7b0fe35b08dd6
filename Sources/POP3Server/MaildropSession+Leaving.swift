import Directory
import MailCore
import MessageStore

/// "Leave for N days": what a POP3 client deletes too early for the other ways to its mailbox stays there for a while.
extension MaildropSession {
    /// Rows of one read.
    private static let pageMax = 1_000
    private static let daySeconds: Int64 = 86_400

    /// Hides from POP3 those of the messages that have not been here for long enough, on disk when it returns.
    ///
    /// - Returns: the others, which are to go now.
    func leave(_ uids: UIDRuns, of maildrop: OpenMaildrop) async throws(StoreError) -> UIDRuns {
        guard maildrop.access.leaveDays > 0 else { return uids }
        let end = endOfLeave(maildrop.access)
        var due = UIDRuns()
        var left = UIDRuns()
        for range in uids.ranges {
            for row in try await rows(of: maildrop.mailbox, range, matching: FlagFilter()) {
                if row.savedAt < end { due.append(row.uid) } else { left.append(row.uid) }
            }
        }
        guard !left.ranges.isEmpty else { return due }
        _ = try await store.storeFlags(
            mailbox: maildrop.mailbox, uids: left.ranges, operation: .add, flags: .pop3Deleted)
        return due
    }

    /// Removes what was left and has been here for long enough now.
    func removeLeft(in mailbox: MailboxID, _ access: POP3Access) async throws(StoreError) {
        let end = endOfLeave(access)
        var due = UIDRuns()
        for row in try await rows(of: mailbox, 1...UInt32.max, matching: FlagFilter(set: .pop3Deleted))
        where row.savedAt < end {
            due.append(row.uid)
        }
        guard !due.ranges.isEmpty else { return }
        _ = try await store.expunge(mailbox: mailbox, uids: due.ranges, onlyDeleted: false, actor: "pop3")
    }

    /// What came before this has been here for as long as is wanted.
    private func endOfLeave(_ access: POP3Access) -> Int64 {
        access.leaveDays > 0 ? services.now() - Int64(access.leaveDays) * Self.daySeconds : .max
    }

    private func rows(
        of mailbox: MailboxID, _ uids: ClosedRange<UInt32>, matching filter: FlagFilter
    ) async throws(StoreError) -> [MessageSummary] {
        var all: [MessageSummary] = []
        var first = uids.lowerBound
        while true {
            let page = try await store.summaries(
                of: mailbox, uids: first...uids.upperBound, limit: Self.pageMax, matching: filter)
            all += page
            guard page.count == Self.pageMax, let last = page.last?.uid.rawValue, last < uids.upperBound else {
                return all
            }
            first = last + 1
        }
    }
}
