internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Notes in the trails of messages that a POP3 client has fetched them. Before they are removed, if they are.
    public func recordPOP3Fetches(
        of uids: UIDRuns, mailbox: MailboxID, account: AccountID
    ) async throws(StoreError) {
        guard !uids.isEmpty else { return }
        var pages = UIDPages(uids.ranges)
        while !pages.isDone {
            let page = pages
            pages = try await write(priority: .bulk) { transaction in
                let rows = try page.rows(of: mailbox, transaction)
                guard let name = try MailboxRows.byID(mailbox, transaction)?.name else { return UIDPages([]) }
                for range in rows.uidRanges {
                    try EventRows.insert(
                        .fetchedByPOP3, mailbox: mailbox, named: name, uids: range, account: account, actor: nil,
                        transaction)
                }
                var rest = page
                rest.drop(through: rows)
                return rest
            }
        }
    }
}
