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
    /// Ascending.
    var rows: [MessageSummary]
    /// Nil for a move: nothing is lost, so nothing is kept for recovery, and the account holds what it held.
    var actor: String?

    func perform(_ transaction: WriteTransaction, _ hub: ChangeHub) throws {
        guard !rows.isEmpty else { return }
        let (account, modSeq) = try ModSeqRows.next(of: mailbox, transaction)
        let octets = rows.reduce(0) { $0 + $1.size }
        let ranges = rows.uidRanges
        if let actor { try keep(ranges, octets: octets, account, actor, transaction) }
        for range in ranges { try remove(range, modSeq, transaction) }
        try ModSeqRows.count(
            mailbox, modSeq: modSeq, messages: -rows.count, unseen: -rows.count { !$0.flags.contains(.seen) },
            deleted: -rows.count { $0.flags.contains(.deleted) }, octets: -octets, transaction)
        if actor != nil {
            try UsageRows.add(
                octets: -octets, messages: -rows.count, to: account, checksQuota: false, hub, transaction)
        }
        let (mailbox, rows) = (mailbox, rows)
        transaction.afterCommit { hub.changed(mailbox, modSeq, removed: rows) }
    }

    private func remove(_ range: ClosedRange<UInt32>, _ modSeq: ModSeq, _ transaction: WriteTransaction) throws {
        let bounds = (Value.integer(range.lowerBound), Value.integer(range.upperBound))
        try transaction.execute(
            "DELETE FROM mailbox_message WHERE mailbox_id = ? AND uid BETWEEN ? AND ?", .integer(mailbox.rawValue),
            bounds.0, bounds.1)
        try transaction.execute(
            "INSERT INTO vanished_run VALUES (?, ?, ?, ?)", .integer(mailbox.rawValue), .integer(modSeq.rawValue),
            bounds.0, bounds.1)
        try transaction.execute(
            "DELETE FROM pop3_uidl WHERE mailbox_id = ? AND uid BETWEEN ? AND ?", .integer(mailbox.rawValue), bounds.0,
            bounds.1)
    }

    /// The row goes over as it is. The message's count of rows stays: one here takes the place of one there.
    private func keep(
        _ ranges: [ClosedRange<UInt32>], octets: Int, _ account: AccountID, _ actor: String,
        _ transaction: WriteTransaction
    ) throws {
        let name = try transaction.first(
            "SELECT name FROM mailbox WHERE mailbox_id = ?", .integer(mailbox.rawValue)
        ) { $0.text(0) }
        let now = Clock.now()
        for range in ranges {
            try EventRows.insert(
                .expunged, mailbox: mailbox, named: name ?? "", uids: range, account: account, actor: actor,
                transaction)
            try transaction.execute(
                """
                INSERT INTO expunged
                SELECT mailbox_id, uid, message_id, flags, size, internal_date, internal_zone_minutes, sent_date,
                  sent_zone_minutes, saved_at, ?, ?, ?, ?
                FROM mailbox_message WHERE mailbox_id = ? AND uid BETWEEN ? AND ?
                """, .integer(account.rawValue), .text(name ?? ""), .integer(now), .text(actor),
                .integer(mailbox.rawValue), .integer(range.lowerBound), .integer(range.upperBound))
        }
        try transaction.execute(
            "UPDATE account_state SET kept_octets = kept_octets + ? WHERE account_id = ?", .integer(octets),
            .integer(account.rawValue))
    }
}
