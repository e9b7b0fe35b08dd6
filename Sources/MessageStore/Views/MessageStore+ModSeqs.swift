public import MailCore
internal import SQLite

extension MessageStore {
    /// The UIDs of messages with a mod-sequence above `modSeq` (RFC 7162 §3.1.4.1), from the index alone.
    public func uids(of mailbox: MailboxID, changedSince modSeq: ModSeq) async throws(StoreError) -> UIDRuns {
        try await read { connection in
            var uids: [UInt32] = []
            try connection.query(
                """
                SELECT uid FROM mailbox_message INDEXED BY mailbox_message_by_mod_seq
                WHERE mailbox_id = ? AND mod_seq > ?
                """, .integer(mailbox.rawValue), .integer(modSeq.rawValue)
            ) { uids.append(UInt32(truncatingIfNeeded: $0.integer(0))) }
            uids.sort()
            var runs = UIDRuns()
            for uid in uids { runs.append(UID(uid)) }
            return runs
        }
    }

    /// The highest mod-sequence of these messages; nil when none of them is there.
    public func highestModSeq(
        of mailbox: MailboxID, uids: [ClosedRange<UInt32>]
    ) async throws(StoreError) -> ModSeq? {
        try await read { connection in
            var highest: Int64?
            for range in UIDRuns(uids).ranges {
                let found = try connection.integer(
                    "SELECT max(mod_seq) FROM mailbox_message WHERE mailbox_id = ? AND uid BETWEEN ? AND ?",
                    .integer(mailbox.rawValue), .integer(range.lowerBound), .integer(range.upperBound))
                if let found { highest = max(highest ?? 0, found) }
            }
            return highest.map { ModSeq(rawValue: $0) }
        }
    }

    /// What left a mailbox since a mod-sequence (RFC 7162 §3.2.6).
    ///
    /// - Returns: nil where the record does not go back so far: then everything that is not there may have left since.
    public func vanished(
        from mailbox: MailboxID, since modSeq: ModSeq
    ) async throws(StoreError) -> [ClosedRange<UInt32>]? {
        try await read { connection in
            let horizon = try connection.integer(
                "SELECT vanished_horizon FROM mailbox WHERE mailbox_id = ?", .integer(mailbox.rawValue))
            guard let horizon else { throw StoreError.noSuchMailbox }
            guard modSeq.rawValue >= horizon else { return nil }
            let runs = try connection.all(
                "SELECT first_uid, last_uid FROM vanished_run WHERE mailbox_id = ? AND mod_seq > ?",
                .integer(mailbox.rawValue), .integer(modSeq.rawValue)
            ) { UInt32(truncatingIfNeeded: $0.integer(0))...UInt32(truncatingIfNeeded: $0.integer(1)) }
            return UIDRuns(runs).ranges
        }
    }
}
