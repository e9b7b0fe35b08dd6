public import MailCore
public import SQLite

extension MessageStore {
    /// Makes an account's state and its first mailboxes, subscribed, inside the directory's transaction.
    public func createAccount(_ id: AccountID, domain: DomainID, in transaction: WriteTransaction) throws {
        let generation = try StoreInfo.generation(transaction)
        try transaction.execute(
            """
            INSERT INTO account_state (account_id, next_message_id, next_uid_validity, domain_id) VALUES (?, ?, ?, ?)
            """, .integer(id.rawValue), .integer(StoreID.make(generation: generation, counter: 1)),
            .integer(Clock.now()), .integer(domain.rawValue))
        if domain != .none {
            try transaction.execute(
                "INSERT OR IGNORE INTO domain_state (domain_id) VALUES (?)", .integer(domain.rawValue))
        }
        for mailbox in StandardMailboxes.all {
            try MailboxRows.make(mailbox.name, specialUse: mailbox.use, of: id, isSubscribed: true, in: transaction)
        }
    }

    /// Makes an account nobody's inside the directory's transaction. Its rows go by and by, and its bodies become dead
    /// octets.
    public func removeAccount(_ id: AccountID, in transaction: WriteTransaction) throws {
        try transaction.execute(
            """
            UPDATE domain_state SET used_octets = domain_state.used_octets - a.used_octets,
              used_messages = domain_state.used_messages - a.used_messages
            FROM (SELECT domain_id, used_octets, used_messages FROM account_state
              WHERE account_id = ? AND removed_at IS NULL) AS a
            WHERE domain_state.domain_id = a.domain_id
            """, .integer(id.rawValue))
        try transaction.execute(
            "UPDATE account_state SET removed_at = ? WHERE account_id = ? AND removed_at IS NULL",
            .integer(Clock.now()), .integer(id.rawValue))
    }

    public func usage(of account: AccountID) async throws(StoreError) -> Usage {
        try await quotaState(of: account).usage
    }
}

enum BodyRows {
    /// Takes back `count` references; the last one takes the row, and the octets count as dead.
    static func release(_ body: Int64, count: Int = 1, in transaction: WriteTransaction) throws {
        let left = try transaction.integer(
            "UPDATE body SET ref_count = ref_count - ? WHERE body_id = ? RETURNING ref_count", .integer(count),
            .integer(body))
        guard let left, left <= 0 else { return }
        // A segment of one body is retired with it; its file goes at the next clearing.
        try transaction.execute(
            """
            UPDATE segment SET dead_octets = dead_octets + (SELECT stored_length FROM body WHERE body_id = ?1),
              state = CASE kind WHEN 1 THEN 2 ELSE state END
            WHERE segment_id = (SELECT segment_id FROM body WHERE body_id = ?1)
            """, .integer(body))
        try transaction.execute("DELETE FROM body WHERE body_id = ?", .integer(body))
    }
}
