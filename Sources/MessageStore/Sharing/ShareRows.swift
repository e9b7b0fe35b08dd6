internal import MailCore
internal import SQLite

/// The SQL of shares.
enum ShareRows {
    /// What was granted to an account, by name and as one of its domain, together (RFC 4314 §2). Not of its own mailboxes.
    static func rights(
        of account: AccountID, on mailbox: MailboxID, _ connection: ReadConnection
    ) throws -> MailboxRights {
        var rights: MailboxRights = []
        try connection.query(
            """
            SELECT rights FROM mailbox_share WHERE mailbox_id = ?1
              AND grantee IN (?2, -(SELECT domain_id FROM account_state WHERE account_id = ?2))
            """, .integer(mailbox.rawValue), .integer(account.rawValue)
        ) { rights.formUnion(MailboxRights(rawValue: $0.integer(0))) }
        return rights
    }

    /// All that others share with an account, by owner and name, at most `limit`.
    static func mailboxes(
        with account: AccountID, limit: Int, _ connection: ReadConnection
    ) throws -> [SharedMailbox] {
        var granted: [(id: MailboxID, rights: MailboxRights)] = []
        try connection.query(
            """
            SELECT mailbox_id, s.rights FROM mailbox_share AS s JOIN mailbox AS m USING (mailbox_id)
            WHERE s.grantee IN (?1, -(SELECT domain_id FROM account_state WHERE account_id = ?1))
              AND m.account_id <> ?1
            ORDER BY m.account_id, m.name LIMIT ?2
            """, .integer(account.rawValue), .integer(limit)
        ) {
            let (id, rights) = (MailboxID(rawValue: $0.integer(0)), MailboxRights(rawValue: $0.integer(1)))
            if granted.last?.id == id {
                granted[granted.count - 1].rights.formUnion(rights)
            } else {
                granted.append((id, rights))
            }
        }
        return try granted.compactMap { id, rights in
            try MailboxRows.byID(id, connection).map { SharedMailbox($0, rights) }
        }
    }

    static func all(of mailbox: MailboxID, _ connection: ReadConnection) throws -> [MailboxShare] {
        try connection.all(
            "SELECT grantee, rights FROM mailbox_share WHERE mailbox_id = ? ORDER BY grantee < 0, grantee",
            .integer(mailbox.rawValue)
        ) {
            let grantee = $0.integer(0)
            return MailboxShare(
                grantee < 0 ? .domain : .account(AccountID(rawValue: grantee)), MailboxRights(rawValue: $0.integer(1)))
        }
    }

    /// Sets the rights of one grantee; the row goes with the last of them.
    static func set(
        _ rights: MailboxRights, of grantee: Int64, on mailbox: MailboxID, _ transaction: WriteTransaction
    ) throws {
        let key = (Value.integer(mailbox.rawValue), Value.integer(grantee))
        if rights.isEmpty {
            try transaction.execute("DELETE FROM mailbox_share WHERE mailbox_id = ? AND grantee = ?", key.0, key.1)
        } else {
            try transaction.execute(
                "INSERT OR REPLACE INTO mailbox_share VALUES (?, ?, ?)", key.0, key.1, .integer(rights.rawValue))
        }
    }
}
