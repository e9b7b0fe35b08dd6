internal import MailCore
internal import SQLite

/// The SQL of expunged messages.
enum KeptRows {
    /// Messages in one transaction.
    static let pageMax = 200
    /// What an account may keep, in octets, or its quota where that is more.
    static let keptOctetsMax: Int64 = 1 << 30

    static func find(
        _ account: AccountID, _ filter: KeptFilter, limit: Int, _ connection: ReadConnection
    ) throws -> [KeptMessage] {
        try connection.all(
            """
            SELECT e.mailbox_id, e.uid, e.message_id, e.mailbox_name, e.size, e.internal_date, e.expunged_at, e.actor,
              coalesce(t.subject, ''), coalesce(t.reverse_path, '')
            FROM expunged AS e JOIN message AS m ON m.account_id = e.account_id AND m.message_id = e.message_id
              LEFT JOIN trail AS t ON t.trail_id = m.body_id
            WHERE e.account_id = ?1 AND (?2 IS NULL OR e.mailbox_name = ?2) AND (?3 IS NULL OR e.expunged_at >= ?3)
              AND (?4 IS NULL OR e.expunged_at <= ?4) AND (?5 IS NULL OR instr(lower(t.subject), lower(?5)) > 0)
              AND (?6 IS NULL OR e.message_id = ?6)
            ORDER BY e.expunged_at DESC, e.uid DESC LIMIT ?7
            """, .integer(account.rawValue), .optional(filter.mailboxName), .optional(filter.since),
            .optional(filter.until), .optional(filter.subject), .optional(filter.messageID), .integer(limit)
        ) {
            KeptMessage(
                key: KeptMessage.Key(
                    mailbox: MailboxID(rawValue: $0.integer(0)), uid: UID(UInt32(truncatingIfNeeded: $0.integer(1)))),
                messageID: $0.integer(2), mailboxName: $0.text(3), size: Int($0.integer(4)),
                internalDate: $0.integer(5), expungedAt: $0.integer(6), actor: $0.text(7), subject: $0.text(8),
                reversePath: $0.text(9))
        }
    }

    /// False when it is not there any more.
    static func bringBack(
        _ key: KeptMessage.Key, _ account: AccountID, into name: String?, _ hub: ChangeHub,
        _ transaction: WriteTransaction
    ) throws -> Bool {
        let kept = try transaction.first(
            """
            SELECT e.message_id, e.mailbox_name, e.size, e.flags, m.body_id
            FROM expunged AS e JOIN message AS m ON m.account_id = e.account_id AND m.message_id = e.message_id
            WHERE e.mailbox_id = ? AND e.uid = ? AND e.account_id = ?
            """, .integer(key.mailbox.rawValue), .integer(key.uid.rawValue), .integer(account.rawValue)
        ) {
            (
                message: $0.integer(0), name: $0.text(1), size: Int($0.integer(2)),
                flags: Flags(rawValue: $0.integer(3)).subtracting([.deleted, .pop3Deleted]),
                body: $0.integer(4)
            )
        }
        guard let kept else { return false }
        let target = try place(name ?? kept.name, account, transaction)
        let modSeq = try ModSeqRows.next(of: target.id, transaction).modSeq
        try transaction.execute(
            """
            INSERT INTO mailbox_message
            SELECT ?1, ?2, message_id, ?3, ?4, size, internal_date, internal_zone_minutes, sent_date,
              sent_zone_minutes, ?5
            FROM expunged WHERE mailbox_id = ?6 AND uid = ?7
            """, .integer(target.id.rawValue), .integer(target.uidNext.rawValue), .integer(modSeq.rawValue),
            .integer(kept.flags.rawValue), .integer(Clock.now()), .integer(key.mailbox.rawValue),
            .integer(key.uid.rawValue))
        try transaction.execute(
            "UPDATE mailbox SET uid_next = uid_next + 1 WHERE mailbox_id = ?", .integer(target.id.rawValue))
        try ModSeqRows.count(
            target.id, modSeq: modSeq, messages: 1, unseen: kept.flags.contains(.seen) ? 0 : 1, octets: kept.size,
            transaction)
        try forget(key, account, size: kept.size, transaction)
        // The administrator's own act: quota does not refuse it.
        try UsageRows.add(octets: kept.size, messages: 1, to: account, checksQuota: false, hub, transaction)
        try EventRows.insert(
            .broughtBack, trail: kept.body, account: account, mailbox: target.name, uid: target.uidNext, transaction)
        transaction.afterCommit { hub.changed(target.id, modSeq) }
        return true
    }

    private static func place(
        _ name: String, _ account: AccountID, _ transaction: WriteTransaction
    ) throws -> MailboxRow {
        if let row = try MailboxRows.named(name, of: account, transaction), row.isSelectable { return row }
        let id = try MailboxRows.make(name, specialUse: [], of: account, isSubscribed: true, in: transaction)
        guard let row = try MailboxRows.byID(id, transaction) else { throw StoreError.noSuchMailbox }
        return row
    }

    private static func forget(
        _ key: KeptMessage.Key, _ account: AccountID, size: Int, _ transaction: WriteTransaction
    ) throws {
        try transaction.execute(
            "DELETE FROM expunged WHERE mailbox_id = ? AND uid = ?", .integer(key.mailbox.rawValue),
            .integer(key.uid.rawValue))
        try transaction.execute(
            "UPDATE account_state SET kept_octets = max(0, kept_octets - ?) WHERE account_id = ?", .integer(size),
            .integer(account.rawValue))
    }

    /// A page of what is too old or too much. Returns how many rows went.
    static func purge(
        _ account: AccountID, retentionDays: Int, daysAtMost: Int64, now: Int64, _ transaction: WriteTransaction
    ) throws -> Int {
        let state = try transaction.first(
            """
            SELECT a.kept_octets, a.octets_max, coalesce(d.retention_days, ?)
            FROM account_state AS a LEFT JOIN domain_state AS d ON d.domain_id = a.domain_id WHERE a.account_id = ?
            """, .integer(retentionDays), .integer(account.rawValue)
        ) { (kept: $0.integer(0), quota: $0.integer(1), days: $0.integer(2)) }
        guard let state else { return 0 }
        let horizon = now - min(state.days, daysAtMost) * 86_400
        var beyond = state.kept - max(keptOctetsMax, state.quota)
        let rows = try transaction.all(
            """
            SELECT mailbox_id, uid, message_id, size, expunged_at FROM expunged
            WHERE account_id = ? ORDER BY expunged_at LIMIT ?
            """, .integer(account.rawValue), .integer(pageMax)
        ) {
            (
                key: KeptMessage.Key(
                    mailbox: MailboxID(rawValue: $0.integer(0)), uid: UID(UInt32(truncatingIfNeeded: $0.integer(1)))),
                message: $0.integer(2), size: Int($0.integer(3)), at: $0.integer(4)
            )
        }
        var count = 0
        for row in rows where row.at <= horizon || beyond > 0 {
            beyond -= Int64(row.size)
            try erase(row.key, account, message: row.message, size: row.size, actor: "retention", transaction)
            count += 1
        }
        return count
    }

    /// Erases one kept row, and its message when that was the last.
    static func erase(
        _ key: KeptMessage.Key, _ account: AccountID, message: Int64, size: Int, actor: String,
        _ transaction: WriteTransaction
    ) throws {
        try forget(key, account, size: size, transaction)
        if let body = try MessageRows.release(message, of: account, in: transaction) {
            try EventRows.insert(
                .purged, trail: body, account: account, address: actor, uid: key.uid, transaction)
        }
    }
}
