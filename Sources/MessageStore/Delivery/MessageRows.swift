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
        let tokens = try transaction.first(
            "DELETE FROM message WHERE account_id = ? AND message_id = ? RETURNING thread_tokens",
            .integer(account.rawValue), .integer(message)
        ) { $0.withOctets(0) { ThreadTokens.decoded($0) } }
        try ThreadRows.leave(tokens ?? [], account: account, messageID: message, in: transaction)
        try transaction.execute(
            "DELETE FROM header_fields WHERE account_id = ? AND message_id = ?", .integer(account.rawValue),
            .integer(message))
        try transaction.execute(
            "DELETE FROM verdict WHERE account_id = ? AND message_id = ?", .integer(account.rawValue),
            .integer(message))
        try BodyRows.release(left.body, in: transaction)
        return left.body
    }
}
