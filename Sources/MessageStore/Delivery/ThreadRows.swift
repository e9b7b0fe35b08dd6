internal import MailCore
internal import SQLite

enum ThreadRows {
    /// The thread that one of the tokens belongs to, or a new one of the message itself; the tokens are remembered.
    static func join(
        _ tokens: [Int64], account: AccountID, messageID: Int64, in transaction: WriteTransaction
    ) throws -> Int64 {
        var thread: Int64?
        for token in tokens where thread == nil {
            thread = try transaction.integer(
                "SELECT thread_id FROM thread_reference WHERE account_id = ? AND token_hash = ? LIMIT 1",
                .integer(account.rawValue), .integer(token))
        }
        for token in tokens {
            try transaction.execute(
                "INSERT INTO thread_reference VALUES (?, ?, ?, ?)", .integer(account.rawValue), .integer(token),
                .integer(messageID), .integer(thread ?? messageID))
        }
        return thread ?? messageID
    }

    /// Forgets the tokens of a message that goes.
    static func leave(
        _ tokens: [Int64], account: AccountID, messageID: Int64, in transaction: WriteTransaction
    ) throws {
        for token in tokens {
            try transaction.execute(
                "DELETE FROM thread_reference WHERE account_id = ? AND token_hash = ? AND message_id = ?",
                .integer(account.rawValue), .integer(token), .integer(messageID))
        }
    }
}
