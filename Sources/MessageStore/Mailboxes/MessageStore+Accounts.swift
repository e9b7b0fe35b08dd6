public import MailCore
public import SQLite

extension MessageStore {
    /// Makes an account's state and its first mailboxes, subscribed, inside the directory's transaction.
    public func createAccount(_ id: AccountID, in transaction: WriteTransaction) throws {
        let generation = try StoreInfo.generation(transaction)
        try transaction.execute(
            "INSERT INTO account_state (account_id, next_message_id, next_uid_validity) VALUES (?, ?, ?)",
            .integer(id.rawValue), .integer(StoreID.make(generation: generation, counter: 1)), .integer(Clock.now()))
        for mailbox in StandardMailboxes.all {
            try MailboxRows.make(mailbox.name, specialUse: mailbox.use, of: id, isSubscribed: true, in: transaction)
        }
    }

    /// Removes all rows of an account inside the directory's transaction. Its bodies become dead octets.
    public func removeAccount(_ id: AccountID, in transaction: WriteTransaction) throws {
        let account = Value.integer(id.rawValue)
        var bodies: [Int64: Int] = [:]
        try transaction.query("SELECT body_id FROM message WHERE account_id = ?", account) {
            bodies[$0.integer(0), default: 0] += 1
        }
        for (body, count) in bodies { try BodyRows.release(body, count: count, in: transaction) }
        try transaction.execute(
            "DELETE FROM mailbox_message WHERE mailbox_id IN (SELECT mailbox_id FROM mailbox WHERE account_id = ?)",
            account)
        try transaction.execute(
            "DELETE FROM vanished_run WHERE mailbox_id IN (SELECT mailbox_id FROM mailbox WHERE account_id = ?)",
            account)
        try transaction.execute(
            "DELETE FROM pop3_uidl WHERE mailbox_id IN (SELECT mailbox_id FROM mailbox WHERE account_id = ?)", account)
        try transaction.execute("DELETE FROM mailbox WHERE account_id = ?", account)
        try transaction.execute("DELETE FROM subscription WHERE account_id = ?", account)
        try transaction.execute("DELETE FROM keyword WHERE account_id = ?", account)
        try transaction.execute("DELETE FROM expunged WHERE account_id = ?", account)
        try transaction.execute("DELETE FROM message WHERE account_id = ?", account)
        try transaction.execute("DELETE FROM header_fields WHERE account_id = ?", account)
        try transaction.execute("DELETE FROM verdict WHERE account_id = ?", account)
        try transaction.execute("DELETE FROM thread_reference WHERE account_id = ?", account)
        try transaction.execute("DELETE FROM account_state WHERE account_id = ?", account)
    }

    public func usage(of account: AccountID) async throws(StoreError) -> Usage {
        try await read { connection in
            let usage = try connection.first(
                "SELECT used_octets, used_messages FROM account_state WHERE account_id = ?", .integer(account.rawValue)
            ) { Usage(octets: $0.integer(0), messages: $0.integer(1)) }
            guard let usage else { throw StoreError.noSuchAccount }
            return usage
        }
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
