internal import SQLite

/// Entries of a page by a number that rows of a table have.
struct NumberedEntries {
    /// Ascending by number.
    private let order: [(number: Int64, index: Int)]
    private let isDense: Bool

    init(_ entries: [(number: Int64, index: Int)]) {
        var order = entries
        if zip(order, order.dropFirst()).contains(where: { $0.number > $1.number }) {
            order.sort { $0.number < $1.number }
        }
        self.order = order
        guard let first = order.first, let last = order.last else {
            isDense = false
            return
        }
        let (distance, overflow) = last.number.subtractingReportingOverflow(first.number)
        isDense = !overflow && distance < 4 * Int64(order.count)
    }

    /// Calls `take` with the row of each entry's number, the statement's first column; its last two parameters are the
    /// first and the last number.
    func forEach(
        _ sql: StaticString, of account: Value? = nil, _ connection: ReadConnection, _ take: (Row, Int) -> Void
    ) throws {
        guard isDense, let first = order.first, let last = order.last else {
            for (number, index) in order {
                try connection.query(sql, parameters(account, number, number)) { take($0, index) }
            }
            return
        }
        var next = 0
        try connection.query(sql, parameters(account, first.number, last.number)) { row in
            let number = row.integer(0)
            while next < order.count, order[next].number < number { next += 1 }
            while next < order.count, order[next].number == number {
                take(row, order[next].index)
                next += 1
            }
        }
    }

    private func parameters(_ account: Value?, _ first: Int64, _ last: Int64) -> [Value] {
        guard let account else { return [.integer(first), .integer(last)] }
        return [account, .integer(first), .integer(last)]
    }
}
