internal import MailCore
internal import SQLite

/// Reads the kept header lines of some messages.
struct KeptFieldsQuery {
    let account: AccountID
    /// Ascending.
    let messages: [Int64]

    /// Whether most of what stands between the first and the last is wanted.
    private var isClose: Bool {
        guard let first = messages.first, let last = messages.last else { return true }
        return last - first < messages.count * 4
    }

    /// Hands over the lines of each message that is there, with its position in `messages`.
    func forEach(_ connection: ReadConnection, _ body: (Int, UnsafeRawBufferPointer) throws -> Void) throws {
        guard let first = messages.first, let last = messages.last else { return }
        if isClose {
            var positions = Positions(messages)
            return try connection.query(
                """
                SELECT message_id, lines FROM message CROSS JOIN header_fields USING (facts_id)
                WHERE account_id = ? AND message_id BETWEEN ? AND ? ORDER BY message_id
                """, .integer(account.rawValue), .integer(first), .integer(last)
            ) { row in
                guard let index = positions.find(row.integer(0)) else { return }
                try row.withOctets(1) { try body(index, $0) }
            }
        }
        for (index, message) in messages.enumerated() {
            try connection.query(
                """
                SELECT lines FROM message CROSS JOIN header_fields USING (facts_id)
                WHERE account_id = ? AND message_id = ?
                """, .integer(account.rawValue), .integer(message)
            ) { row in try row.withOctets(0) { try body(index, $0) } }
        }
    }

    /// Finds positions of ascending ids.
    private struct Positions {
        private let messages: [Int64]
        private var next = 0

        init(_ messages: [Int64]) { self.messages = messages }

        mutating func find(_ message: Int64) -> Int? {
            while next < messages.count, messages[next] < message { next += 1 }
            return next < messages.count && messages[next] == message ? next : nil
        }
    }
}
