public import MailCore
internal import SQLite

extension MessageStore {
    /// All mailboxes in the order of their names.
    public func mailboxes(of account: AccountID) async throws(StoreError) -> [MailboxRow] {
        try await read { try MailboxRows.all(of: account, $0) }
    }

    /// - Throws: `noSuchMailbox` also for a name that cannot be one.
    public func mailbox(of account: AccountID, named name: String) async throws(StoreError) -> MailboxRow {
        guard let name = try? MailboxName.normal(name) else { throw .noSuchMailbox }
        return try await read { connection in
            guard let row = try MailboxRows.named(name, of: account, connection) else { throw StoreError.noSuchMailbox }
            return row
        }
    }

    public func mailbox(_ id: MailboxID) async throws(StoreError) -> MailboxRow {
        try await read { connection in
            guard let row = try MailboxRows.byID(id, connection) else { throw StoreError.noSuchMailbox }
            return row
        }
    }

    /// Makes a mailbox, and the names above it where they are missing (RFC 3501 §6.3.3).
    ///
    /// - Throws: `mailboxExists`, `notAllowed`.
    @discardableResult
    public func createMailbox(
        account: AccountID, name: String, specialUse: SpecialUse = []
    ) async throws(StoreError) -> MailboxID {
        let name = try MailboxName.normal(name)
        return try await write { [hub] transaction in
            transaction.afterCommit { hub.changed(account, .names) }
            if try MailboxRows.named(name, of: account, transaction)?.isSelectable == true {
                throw StoreError.mailboxExists
            }
            return try MailboxRows.make(name, specialUse: specialUse, of: account, isSubscribed: false, in: transaction)
        }
    }

    /// Removes a mailbox and expunges what is in it. One with others below it stays as a name that cannot be selected
    /// (RFC 3501 §6.3.4); its subscription stays in any case.
    ///
    /// - Throws: `notAllowed` for INBOX, and for a name that only holds others.
    public func deleteMailbox(account: AccountID, name: String) async throws(StoreError) {
        let name = try MailboxName.normal(name)
        guard name != "INBOX" else { throw .notAllowed(reason: "INBOX cannot be deleted") }
        let row = try await mailbox(of: account, named: name)
        while true {
            _ = try await expunge(mailbox: row.id, uids: nil, onlyDeleted: false, actor: "delete")
            let isDone = try await write { [hub] transaction in
                transaction.afterCommit { hub.changed(account, .names) }
                guard let now = try MailboxRows.byID(row.id, transaction) else { throw StoreError.noSuchMailbox }
                // Mail that came meanwhile is expunged in another round.
                guard now.messages == 0 else { return false }
                try Self.remove(now, transaction)
                return true
            }
            if isDone { return }
        }
    }

    private static func remove(_ row: MailboxRow, _ transaction: WriteTransaction) throws {
        let inferiors = try transaction.integer(
            "SELECT count(*) FROM mailbox WHERE account_id = ? AND name >= ? AND name < ?",
            .integer(row.account.rawValue),
            .text(MailboxName.startOfInferiors(row.name)), .text(MailboxName.endOfInferiors(row.name)))
        let id = Value.integer(row.id.rawValue)
        try transaction.execute("DELETE FROM vanished_run WHERE mailbox_id = ?", id)
        try transaction.execute("DELETE FROM pop3_uidl WHERE mailbox_id = ?", id)
        guard inferiors ?? 0 > 0 else {
            try transaction.execute("DELETE FROM mailbox WHERE mailbox_id = ?", id)
            return
        }
        guard row.isSelectable else { throw StoreError.notAllowed(reason: "The mailbox has others below it") }
        // A mailbox made under this name again must have a new UIDVALIDITY (RFC 3501 §6.3.4), and is another one
        // (RFC 8474 §4.1): expunged mail is known by the old one's number.
        try transaction.execute(
            """
            UPDATE mailbox SET mailbox_id = ?, is_selectable = 0, special_use = 0, uid_validity = ?, uid_next = 1,
              recent_uid = 1 WHERE mailbox_id = ?
            """, .integer(try StoreInfo.nextMailbox(transaction)),
            .integer(try MailboxRows.nextUIDValidity(of: row.account, transaction)), id)
    }

    public func subscribe(account: AccountID, name: String) async throws(StoreError) {
        let name = try MailboxName.normal(name)
        try await write { [hub] transaction in
            transaction.afterCommit { hub.changed(account, .names) }
            _ = try transaction.execute(
                "INSERT OR IGNORE INTO subscription VALUES (?, ?)", .integer(account.rawValue), .text(name))
        }
    }

    /// A name that was not subscribed is no error.
    public func unsubscribe(account: AccountID, name: String) async throws(StoreError) {
        let name = try MailboxName.normal(name)
        try await write { [hub] transaction in
            transaction.afterCommit { hub.changed(account, .names) }
            _ = try transaction.execute(
                "DELETE FROM subscription WHERE account_id = ? AND name = ?", .integer(account.rawValue), .text(name))
        }
    }

    /// In the order of the names; they outlive their mailboxes (RFC 3501 §6.3.6).
    public func subscriptions(of account: AccountID) async throws(StoreError) -> [String] {
        try await read { connection in
            try connection.all(
                "SELECT name FROM subscription WHERE account_id = ? ORDER BY name", .integer(account.rawValue)
            ) { $0.text(0) }
        }
    }
}
