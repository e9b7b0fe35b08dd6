internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Removes messages from a mailbox, at most 1,000 a transaction. What was removed stays readable and recoverable
    /// until it is purged.
    ///
    /// - Parameters:
    ///   - uids: nil for all.
    ///   - onlyDeleted: only those with `\Deleted` (RFC 3501 §6.4.3).
    ///   - actor: who did it, for the record: "imap", "pop3".
    /// - Returns: what was removed, ascending.
    public func expunge(
        mailbox: MailboxID, uids: [ClosedRange<UInt32>]?, onlyDeleted: Bool, actor: String = "imap"
    ) async throws(StoreError) -> [ClosedRange<UInt32>] {
        var pages = UIDPages(uids ?? [1...UInt32.max])
        var removed = UIDRuns()
        var isFirst = true
        while !pages.isDone {
            let page = pages
            let (ranges, rest) = try await write(priority: isFirst ? .interactive : .bulk) { [hub] transaction in
                let rows = try page.rows(of: mailbox, having: onlyDeleted ? .deleted : [], transaction)
                var rest = page
                rest.drop(through: rows)
                try Removal(mailbox: mailbox, rows: rows, actor: actor).perform(transaction, hub)
                return (rows.uidRanges, rest)
            }
            for range in ranges { removed.append(range) }
            pages = rest
            isFirst = false
        }
        return removed.ranges
    }
}

/// Takes rows out of a mailbox: by EXPUNGE, or by MOVE once they are elsewhere.
struct Removal {
    var mailbox: MailboxID
    var rows: [MessageSummary]
    /// Nil for a move: nothing is lost, so nothing is kept for recovery.
    var actor: String?

    func perform(_ transaction: WriteTransaction, _ hub: ChangeHub) throws {
        guard !rows.isEmpty else { return }
        let (account, modSeq) = try ModSeqRows.next(of: mailbox, transaction)
        let ranges = rows.uidRanges
        if let actor { try keep(account, actor, transaction) }
        for row in rows {
            try transaction.execute(
                "DELETE FROM mailbox_message WHERE mailbox_id = ? AND uid = ?", .integer(mailbox.rawValue),
                .integer(row.uid.rawValue))
        }
        for range in ranges {
            try transaction.execute(
                "INSERT INTO vanished_run VALUES (?, ?, ?, ?)", .integer(mailbox.rawValue), .integer(modSeq.rawValue),
                .integer(range.lowerBound), .integer(range.upperBound))
            try transaction.execute(
                "DELETE FROM pop3_uidl WHERE mailbox_id = ? AND uid BETWEEN ? AND ?", .integer(mailbox.rawValue),
                .integer(range.lowerBound), .integer(range.upperBound))
        }
        let octets = rows.reduce(0) { $0 + $1.size }
        try ModSeqRows.count(
            mailbox, modSeq: modSeq, messages: -rows.count, unseen: -rows.count { !$0.flags.contains(.seen) },
            deleted: -rows.count { $0.flags.contains(.deleted) }, octets: -octets, transaction)
        try transaction.execute(
            "UPDATE account_state SET used_octets = used_octets - ?, used_messages = used_messages - ? WHERE account_id = ?",
            .integer(octets), .integer(rows.count), .integer(account.rawValue))
        let (mailbox, rows) = (mailbox, rows)
        transaction.afterCommit { hub.changed(mailbox, modSeq, removed: rows) }
    }

    private func keep(_ account: AccountID, _ actor: String, _ transaction: WriteTransaction) throws {
        let name = try transaction.first(
            "SELECT name FROM mailbox WHERE mailbox_id = ?", .integer(mailbox.rawValue)
        ) { $0.text(0) }
        let now = Clock.now()
        for row in rows {
            // A mailbox made again under the same name may have given the same UID to the same message.
            try transaction.execute(
                "INSERT OR REPLACE INTO expunged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", .integer(account.rawValue),
                .integer(row.messageID), .text(name ?? ""), .integer(row.uid.rawValue), .integer(row.flags.rawValue),
                .integer(row.size), .integer(row.internalDate), .integer(row.internalZoneMinutes), .integer(now),
                .text(actor))
            try transaction.execute(
                "UPDATE message SET mailbox_refs = mailbox_refs - 1 WHERE account_id = ? AND message_id = ?",
                .integer(account.rawValue), .integer(row.messageID))
        }
    }
}
