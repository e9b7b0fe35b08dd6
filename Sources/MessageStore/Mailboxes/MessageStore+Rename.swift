public import MailCore
internal import SQLite

extension MessageStore {
    /// Renames a mailbox with all below it. Renaming INBOX moves its messages into a new mailbox and leaves it empty
    /// (RFC 3501 §6.3.5).
    ///
    /// - Throws: `mailboxExists`, `notAllowed` when the new name is below the old one.
    public func renameMailbox(account: AccountID, from old: String, to new: String) async throws(StoreError) {
        let old = try MailboxName.normal(old)
        let new = try MailboxName.normal(new)
        guard new != old else { throw .mailboxExists }
        if old == "INBOX" { return try await moveInbox(of: account, to: new) }
        guard !new.hasPrefix(old + "/") else {
            throw .notAllowed(reason: "A mailbox cannot be moved below itself")
        }
        try await write { [hub] transaction in
            transaction.afterCommit { hub.changed(account, .names) }
            guard let row = try MailboxRows.named(old, of: account, transaction) else { throw StoreError.noSuchMailbox }
            guard try MailboxRows.id(new, of: account, transaction) == nil else { throw StoreError.mailboxExists }
            for superior in MailboxName.superiors(of: new)
            where try MailboxRows.id(superior, of: account, transaction) == nil {
                try MailboxRows.make(superior, specialUse: [], of: account, isSubscribed: false, in: transaction)
            }
            try Self.renameTree(row, to: new, transaction)
        }
    }

    private static func renameTree(_ row: MailboxRow, to new: String, _ transaction: WriteTransaction) throws {
        let inferiors = try transaction.all(
            "SELECT mailbox_id, name FROM mailbox WHERE account_id = ? AND name >= ? AND name < ?",
            .integer(row.account.rawValue), .text(MailboxName.startOfInferiors(row.name)),
            .text(MailboxName.endOfInferiors(row.name))
        ) { (id: $0.integer(0), name: $0.text(1)) }
        for (id, name) in [(row.id.rawValue, row.name)] + inferiors {
            let renamed = new + String(decoding: name.utf8.dropFirst(row.name.utf8.count), as: UTF8.self)
            guard renamed.utf8.count <= MailboxName.octetsMax else {
                throw StoreError.notAllowed(reason: "The name of a mailbox below it would be too long")
            }
            guard try MailboxRows.id(renamed, of: row.account, transaction) == nil else {
                throw StoreError.mailboxExists
            }
            try transaction.execute("UPDATE mailbox SET name = ? WHERE mailbox_id = ?", .text(renamed), .integer(id))
        }
    }

    private func moveInbox(of account: AccountID, to new: String) async throws(StoreError) {
        let inbox = try await mailbox(of: account, named: "INBOX")
        let target = try await createMailbox(account: account, name: new)
        guard inbox.uidNext.rawValue > 1 else { return }
        _ = try await move(from: inbox.id, uids: [1...(inbox.uidNext.rawValue - 1)], to: target, account: account)
    }
}
