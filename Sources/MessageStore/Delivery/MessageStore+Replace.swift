internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Appends a message and removes another of the account, in one transaction (RFC 8508 §3.4). What is removed stays
    /// recoverable, and counts no more when the quota is looked at.
    ///
    /// - Returns: nil, with nothing changed, when the old message is not there any more.
    public func replace(
        _ old: UID, of source: MailboxID, by new: NewMessage, account: AccountID, mailbox: MailboxID,
        origin: Origin = Origin(.append)
    ) async throws(StoreError) -> (UIDValidity, UID)? {
        do throws(StoreError) {
            return try await write(new.message, origin, accounts: [account]) { [hub] body, transaction in
                let rows = try UIDPages([old.rawValue...old.rawValue]).rows(of: source, transaction)
                guard !rows.isEmpty else { throw StoreError.noSuchMailbox }
                let insert = try new.insert(body, account, .mailbox(mailbox), checksQuota: false, transaction)
                let copy = try insert.perform(.appended, address: nil, transaction, hub)
                try Removal(mailbox: source, rows: rows, actor: "replace").perform(transaction, hub)
                try UsageRows.add(octets: 0, messages: 0, to: account, checksQuota: true, hub, transaction)
                return (copy.uidValidity, copy.uid)
            }
        } catch .noSuchMailbox {
            return nil
        }
    }
}
