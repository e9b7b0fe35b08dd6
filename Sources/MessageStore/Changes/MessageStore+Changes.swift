public import MailCore
internal import SQLite

extension MessageStore {
    /// What happened in a mailbox since `since`, in one snapshot.
    ///
    /// - Parameters:
    ///   - since: the `highestModSeq` that the caller knows.
    ///   - uidNext: the UIDNEXT that the caller knows: messages from there on are `arrived`.
    public func changes(in mailbox: MailboxID, since: ModSeq, uidNext: UID) async throws(StoreError) -> MailboxChanges {
        try await read { connection in
            guard let row = try MailboxRows.byID(mailbox, connection) else { throw StoreError.noSuchMailbox }
            var changes = MailboxChanges(
                highestModSeq: row.highestModSeq, uidNext: row.uidNext, arrived: [], changed: [], vanished: [])
            changes.keywordVersion =
                try connection.integer(
                    "SELECT keyword_version FROM account_state WHERE account_id = ?",
                    .integer(row.account.rawValue)) ?? 0
            guard row.highestModSeq > since || row.uidNext > uidNext else { return changes }
            try connection.query(
                """
                SELECT uid, message_id, mod_seq, flags, size, internal_date, internal_zone_minutes, sent_date,
                  sent_zone_minutes, saved_at
                FROM mailbox_message WHERE mailbox_id = ? AND uid >= ? ORDER BY uid
                """, .integer(mailbox.rawValue), .integer(uidNext.rawValue)
            ) { changes.arrived.append(MessageSummary($0)) }
            try connection.query(
                """
                SELECT uid, message_id, mod_seq, flags, size, internal_date, internal_zone_minutes, sent_date,
                  sent_zone_minutes, saved_at
                FROM mailbox_message INDEXED BY mailbox_message_by_mod_seq
                WHERE mailbox_id = ? AND mod_seq > ? AND uid < ? ORDER BY mod_seq
                """, .integer(mailbox.rawValue), .integer(since.rawValue), .integer(uidNext.rawValue)
            ) { changes.changed.append(MessageSummary($0)) }
            changes.changed.sort { $0.uid < $1.uid }
            let vanished = try connection.all(
                "SELECT first_uid, last_uid FROM vanished_run WHERE mailbox_id = ? AND mod_seq > ?",
                .integer(mailbox.rawValue), .integer(since.rawValue)
            ) { UInt32(truncatingIfNeeded: $0.integer(0))...UInt32(truncatingIfNeeded: $0.integer(1)) }
            changes.vanished = UIDRuns(vanished).ranges
            return changes
        }
    }
}
