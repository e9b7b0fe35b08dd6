internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// The UIDs that a message has in a mailbox: by COPY it may be there more than once.
    public func uids(of mailbox: MailboxID, messageID: Int64) async throws(StoreError) -> UIDRuns {
        try await read { connection in
            UIDRuns(
                try connection.all(
                    "SELECT uid FROM mailbox_message WHERE mailbox_id = ? AND message_id = ? ORDER BY uid",
                    .integer(mailbox.rawValue), .integer(messageID)
                ) { UInt32(truncatingIfNeeded: $0.integer(0))...UInt32(truncatingIfNeeded: $0.integer(0)) })
        }
    }

    /// The UIDs of a thread's messages in a mailbox. Looks at every message of it, 5,000 a read.
    public func uids(
        of mailbox: MailboxID, account: AccountID, threadID: Int64
    ) async throws(StoreError) -> UIDRuns {
        var uids = UIDRuns()
        var next: UInt32? = 1
        while let first = next {
            let (found, last) = try await read(priority: .bulk) { connection in
                var found: [UInt32] = []
                var count = 0
                var last: UInt32 = 0
                try connection.query(
                    """
                    SELECT mm.uid, m.thread_id
                    FROM mailbox_message AS mm JOIN message AS m ON m.account_id = ? AND m.message_id = mm.message_id
                    WHERE mm.mailbox_id = ? AND mm.uid >= ? ORDER BY mm.uid LIMIT 5000
                    """, .integer(account.rawValue), .integer(mailbox.rawValue), .integer(first)
                ) { row in
                    count += 1
                    last = UInt32(truncatingIfNeeded: row.integer(0))
                    if row.integer(1) == threadID { found.append(last) }
                }
                return (found, count == 5_000 && last < .max ? last : nil)
            }
            for uid in found { uids.append(UID(uid)) }
            next = last.map { $0 + 1 }
        }
        return uids
    }
}
