internal import MailCore
internal import SQLite

/// Goes through the messages of a set of UIDs in pages, so that no transaction gets long.
struct UIDPages: Sendable {
    static let rowsMax = 1_000

    private(set) var rest: [ClosedRange<UInt32>]

    /// Ranges in any order; they may overlap.
    init(_ ranges: some Sequence<ClosedRange<UInt32>>) { rest = UIDRuns(ranges).ranges }

    var isDone: Bool { rest.isEmpty }

    /// The next rows, at most `limit`, with flags that have all of `set`.
    func rows(
        of mailbox: MailboxID, having set: Flags = [], limit: Int = rowsMax, _ connection: ReadConnection
    ) throws -> [MessageSummary] {
        var rows: [MessageSummary] = []
        for range in rest where rows.count < limit {
            try connection.query(
                """
                SELECT uid, message_id, mod_seq, flags, size, internal_date, internal_zone_minutes, sent_date,
                  sent_zone_minutes, saved_at
                FROM mailbox_message WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 AND flags & ?4 = ?4
                ORDER BY uid LIMIT ?5
                """, .integer(mailbox.rawValue), .integer(range.lowerBound), .integer(range.upperBound),
                .integer(set.rawValue), .integer(limit - rows.count)
            ) { rows.append(MessageSummary($0)) }
        }
        return rows
    }

    /// The same with what a change of flags needs of them.
    func flagRows(of mailbox: MailboxID, limit: Int, _ connection: ReadConnection) throws -> [FlagRow] {
        var rows: [FlagRow] = []
        for range in rest where rows.count < limit {
            try connection.query(
                """
                SELECT uid, flags, mod_seq FROM mailbox_message
                WHERE mailbox_id = ? AND uid BETWEEN ? AND ? ORDER BY uid LIMIT ?
                """, .integer(mailbox.rawValue), .integer(range.lowerBound), .integer(range.upperBound),
                .integer(limit - rows.count)
            ) { rows.append(FlagRow($0)) }
        }
        return rows
    }

    /// Goes on behind what `rows` gave.
    mutating func drop(through rows: [MessageSummary], limit: Int = rowsMax) {
        drop(through: rows.last?.uid, rows.count, limit: limit)
    }

    /// - Parameter last: of `count` rows.
    mutating func drop(through last: UID?, _ count: Int, limit: Int) {
        guard count >= limit, let last = last?.rawValue, last < .max else {
            rest = []
            return
        }
        rest = rest.compactMap { $0.upperBound <= last ? nil : max($0.lowerBound, last + 1)...$0.upperBound }
    }
}

/// Ascending UIDs as ranges.
extension [MessageSummary] {
    var uidRanges: [ClosedRange<UInt32>] {
        var runs = UIDRuns()
        for row in self { runs.append(row.uid) }
        return runs.ranges
    }
}

/// Counters of mailboxes and accounts.
enum ModSeqRows {
    /// The account of a mailbox and its next mod-sequence, given to the mailbox.
    static func next(of mailbox: MailboxID, _ transaction: WriteTransaction) throws -> (
        account: AccountID, modSeq: ModSeq
    ) {
        let next = try transaction.first(
            """
            UPDATE account_state SET mod_seq = mod_seq + 1
            WHERE account_id = (SELECT account_id FROM mailbox WHERE mailbox_id = ?) RETURNING account_id, mod_seq
            """, .integer(mailbox.rawValue)
        ) { (account: AccountID(rawValue: $0.integer(0)), modSeq: ModSeq(rawValue: $0.integer(1))) }
        guard let next else { throw StoreError.noSuchMailbox }
        return next
    }

    /// Adds to the counters of a mailbox. All numbers may be negative.
    static func count(
        _ mailbox: MailboxID, modSeq: ModSeq, messages: Int = 0, unseen: Int = 0, deleted: Int = 0, octets: Int = 0,
        _ transaction: WriteTransaction
    ) throws {
        try transaction.execute(
            """
            UPDATE mailbox SET highest_mod_seq = ?, message_count = message_count + ?, unseen_count = unseen_count + ?,
              deleted_count = deleted_count + ?, octet_count = octet_count + ?
            WHERE mailbox_id = ?
            """, .integer(modSeq.rawValue), .integer(messages), .integer(unseen), .integer(deleted), .integer(octets),
            .integer(mailbox.rawValue))
    }
}
