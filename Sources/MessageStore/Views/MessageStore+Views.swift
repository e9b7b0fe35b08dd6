public import MailCore
internal import SQLite

extension MessageStore {
    /// The UIDs of a mailbox as of now: what was ever given out without what left, where the record of that is whole and
    /// short. Else a few milliseconds for 50,000.
    public func uids(of mailbox: MailboxID) async throws(StoreError) -> UIDRuns {
        if let known = try await read({ try Self.uidsByVanished($0, mailbox) }) { return known }
        var runs = UIDRuns()
        var next: UInt32? = 1
        while let first = next {
            let start = runs
            (runs, next) = try await read { connection in
                var runs = start
                var run: ClosedRange<UInt32>?
                var count = 0
                try connection.query(
                    "SELECT uid FROM mailbox_message WHERE mailbox_id = ? AND uid >= ? ORDER BY uid LIMIT 100000",
                    .integer(mailbox.rawValue), .integer(first)
                ) { row in
                    let uid = UInt32(truncatingIfNeeded: row.integer(0))
                    count += 1
                    if let open = run, open.upperBound < uid, open.upperBound + 1 == uid {
                        run = open.lowerBound...uid
                    } else {
                        if let run { runs.append(run) }
                        run = uid...uid
                    }
                }
                if let run { runs.append(run) }
                guard count == 100_000, let last = run?.upperBound, last < .max else { return (runs, nil) }
                return (runs, last + 1)
            }
        }
        return runs
    }

    private static func uidsByVanished(_ connection: ReadConnection, _ mailbox: MailboxID) throws -> UIDRuns? {
        let row = try connection.first(
            "SELECT uid_next, message_count, vanished_horizon FROM mailbox WHERE mailbox_id = ?",
            .integer(mailbox.rawValue)
        ) { (next: $0.integer(0), messages: $0.integer(1), horizon: $0.integer(2)) }
        guard let row, row.horizon == 0 else { return nil }
        guard row.messages > 0, row.next > 1, let last = UInt32(exactly: row.next - 1) else { return UIDRuns() }
        let runsMax = row.messages / 4 + 256
        let vanished = try connection.all(
            "SELECT first_uid, last_uid FROM vanished_run WHERE mailbox_id = ? LIMIT ?", .integer(mailbox.rawValue),
            .integer(runsMax)
        ) { UInt32(truncatingIfNeeded: $0.integer(0))...UInt32(truncatingIfNeeded: $0.integer(1)) }
        guard vanished.count < runsMax else { return nil }
        var runs = UIDRuns([1...last])
        runs.remove(vanished)
        // A store that was restored or repaired may have gaps that nothing tells of.
        return runs.count == row.messages ? runs : nil
    }

    /// Takes what is `\Recent` for one session (RFC 3501 §2.3.2): no other session is told of these.
    ///
    /// - Parameter end: the UIDNEXT that the session knows: what came since is left for those who hear of it.
    /// - Returns: the first UID that is recent for the caller; `end` or more when none is. Writes only when there are
    ///   some.
    public func claimRecent(_ mailbox: MailboxID, before end: UID) async throws(StoreError) -> UID {
        let sql: StaticString = "SELECT recent_uid FROM mailbox WHERE mailbox_id = ?"
        let seen = try await read { try $0.integer(sql, .integer(mailbox.rawValue)) }
        guard let seen else { throw .noSuchMailbox }
        guard seen < end.rawValue else { return UID(UInt32(truncatingIfNeeded: seen)) }
        return try await write { transaction in
            let before = try transaction.integer(sql, .integer(mailbox.rawValue))
            guard let before else { throw StoreError.noSuchMailbox }
            try transaction.execute(
                "UPDATE mailbox SET recent_uid = ?2 WHERE mailbox_id = ?1 AND recent_uid < ?2",
                .integer(mailbox.rawValue), .integer(end.rawValue))
            return UID(UInt32(truncatingIfNeeded: before))
        }
    }

    /// How many messages no session has been told of as `\Recent`. Takes as long as there are many of them.
    public func recentCount(in mailbox: MailboxID) async throws(StoreError) -> Int {
        try await read { connection in
            let count = try connection.integer(
                """
                SELECT count(*) FROM mailbox AS m JOIN mailbox_message AS mm USING (mailbox_id)
                WHERE m.mailbox_id = ? AND mm.uid >= m.recent_uid
                """, .integer(mailbox.rawValue))
            return Int(count ?? 0)
        }
    }

    /// Narrow rows in ascending order; the caller pages on from the last UID.
    ///
    /// - Parameters:
    ///   - limit: at most 10,000 are given.
    ///   - filter: flags that must be set and clear.
    public func summaries(
        of mailbox: MailboxID, uids: ClosedRange<UInt32>, limit: Int, matching filter: FlagFilter? = nil
    ) async throws(StoreError) -> [MessageSummary] {
        try await read { connection in
            var rows: [MessageSummary] = []
            rows.reserveCapacity(min(max(0, limit), uids.count, 10_000))
            try connection.query(
                """
                SELECT uid, message_id, mod_seq, flags, size, internal_date, internal_zone_minutes, sent_date,
                  sent_zone_minutes, saved_at
                FROM mailbox_message WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 AND flags & ?4 = ?5
                ORDER BY uid LIMIT ?6
                """, .integer(mailbox.rawValue), .integer(uids.lowerBound), .integer(uids.upperBound),
                .integer(filter.map { $0.set.union($0.clear).rawValue } ?? 0), .integer(filter?.set.rawValue ?? 0),
                .integer(min(max(0, limit), 10_000))
            ) { rows.append(MessageSummary($0)) }
            return rows
        }
    }

    /// UIDs with a UIDL of their own (kept over an import or a restore); all others are "uidValidity.uid".
    public func pop3UIDLs(of mailbox: MailboxID) async throws(StoreError) -> [UID: String] {
        try await read { connection in
            var result: [UID: String] = [:]
            try connection.query("SELECT uid, uidl FROM pop3_uidl WHERE mailbox_id = ?", .integer(mailbox.rawValue)) {
                result[UID(UInt32(truncatingIfNeeded: $0.integer(0)))] = $0.text(1)
            }
            return result
        }
    }
}

extension MessageSummary {
    /// Of a row that begins with the columns of `mailbox_message` in their order, without the mailbox.
    init(_ row: Row) {
        uid = UID(UInt32(truncatingIfNeeded: row.integer(0)))
        messageID = row.integer(1)
        modSeq = ModSeq(rawValue: row.integer(2))
        flags = Flags(rawValue: row.integer(3))
        size = Int(row.integer(4))
        internalDate = row.integer(5)
        internalZoneMinutes = Int(row.integer(6))
        sentDate = row.integer(7)
        sentZoneMinutes = Int(row.integer(8))
        savedAt = row.integer(9)
    }
}
