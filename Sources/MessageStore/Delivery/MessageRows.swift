internal import MailCore
internal import SQLite

/// A message's own rows, which go when no mailbox has it and nobody can bring it back.
enum MessageRows {
    /// Takes back one row's hold on a message. With the last one everything of it goes, and its hold on the body.
    ///
    /// - Returns: the body's number when the message is gone.
    static func release(
        _ message: Int64, of account: AccountID, count: Int = 1, in transaction: WriteTransaction
    ) throws -> Int64? {
        let left = try transaction.first(
            """
            UPDATE message SET mailbox_refs = mailbox_refs - ? WHERE account_id = ? AND message_id = ?
            RETURNING mailbox_refs, body_id
            """, .integer(count), .integer(account.rawValue), .integer(message)
        ) { (refs: $0.integer(0), body: $0.integer(1)) }
        guard let left, left.refs <= 0 else { return nil }
        let gone = try transaction.first(
            "DELETE FROM message WHERE account_id = ? AND message_id = ? RETURNING thread_tokens, facts_id",
            .integer(account.rawValue), .integer(message)
        ) { (tokens: $0.withOctets(0) { ThreadTokens.decoded($0) }, facts: $0.integer(1)) }
        try ThreadRows.leave(gone?.tokens ?? [], account: account, messageID: message, in: transaction)
        if let gone {
            try transaction.execute("DELETE FROM message_facts WHERE facts_id = ?", .integer(gone.facts))
            try transaction.execute("DELETE FROM header_fields WHERE facts_id = ?", .integer(gone.facts))
        }
        try transaction.execute(
            "DELETE FROM verdict WHERE account_id = ? AND message_id = ?", .integer(account.rawValue),
            .integer(message))
        try BodyRows.release(left.body, in: transaction)
        return left.body
    }
}
