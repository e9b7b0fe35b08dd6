internal import MailCore
internal import SQLite

/// Reads the kept header lines of some messages.
struct KeptFieldsQuery {
    let account: AccountID
    /// Ascending.
    let messages: [Int64]

    /// Whether most of what stands between the first and the last is wanted.
    var isClose: Bool {
        guard let first = messages.first, let last = messages.last else { return true }
        return last - first < messages.count * 4
    }

    /// Hands over the lines of each message that is there, with its position in `messages`.
    func forEach(_ connection: ReadConnection, _ body: (Int, UnsafeRawBufferPointer) throws -> Void) throws {
        guard let first = messages.first, let last = messages.last else { return }
        if isClose {
            var positions = Positions(messages)
            return try connection.query(
                "SELECT message_id, lines FROM header_fields WHERE account_id = ? AND message_id BETWEEN ? AND ?",
                .integer(account.rawValue), .integer(first), .integer(last)
            ) { row in
                guard let index = positions.find(row.integer(0)) else { return }
                try row.withOctets(1) { try body(index, $0) }
            }
        }
        for (index, message) in messages.enumerated() {
            try connection.query(
                "SELECT lines FROM header_fields WHERE account_id = ? AND message_id = ?",
                .integer(account.rawValue), .integer(message)
            ) { row in try row.withOctets(0) { try body(index, $0) } }
        }
    }

    /// The own lines of all messages one behind the other, and where those of each are.
    func prefixes(_ connection: ReadConnection) throws -> (octets: [UInt8], ranges: [Range<Int>]) {
        var octets: [UInt8] = []
        var ranges = [Range<Int>](repeating: 0..<0, count: messages.count)
        guard let first = messages.first, let last = messages.last else { return (octets, ranges) }
        var positions = Positions(messages)
        try connection.query(
            "SELECT message_id, prefix FROM message WHERE account_id = ? AND message_id BETWEEN ? AND ?",
            .integer(account.rawValue), .integer(first), .integer(last)
        ) { row in
            guard let index = positions.find(row.integer(0)) else { return }
            let start = octets.count
            row.withOctets(1) { octets.append(contentsOf: $0) }
            ranges[index] = start..<octets.count
        }
        return (octets, ranges)
    }

    /// Hands over the own lines of one message.
    func withPrefix(
        _ index: Int, _ connection: ReadConnection, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try connection.query(
            "SELECT prefix FROM message WHERE account_id = ? AND message_id = ?", .integer(account.rawValue),
            .integer(messages[index])
        ) { row in try row.withOctets(0) { try body($0) } }
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
