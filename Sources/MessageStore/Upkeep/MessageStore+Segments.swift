internal import Glibc
internal import MailCore
public import SQLite

/// What backups need.
extension MessageStore {
    /// All segment files in the order of their numbers; retired ones left out.
    public func segmentFiles() async throws(StoreError) -> [SegmentFile] {
        let paths = StorePaths(directory: options.directory)
        let folder = options.directory.utf8.count + 1
        return try await read { connection in
            try connection.all(
                """
                SELECT segment_id, state, octet_count,
                  (SELECT coalesce(max(segment_offset + stored_length), 0) FROM body
                   WHERE body_id >= first_body_id AND body.segment_id = segment.segment_id AND state = 0)
                FROM segment WHERE state < 2 ORDER BY segment_id
                """
            ) { row in
                let id = row.integer(0)
                let path = paths.segment(id)
                let isSealed = row.integer(1) == 1
                // Of the open one the end of the last row of this snapshot, as a start after a crash would seal it.
                return SegmentFile(
                    id: id, name: String(decoding: path.utf8.dropFirst(folder), as: UTF8.self), path: path,
                    isSealed: isSealed, octets: isSealed ? Int(row.integer(2)) : Int(row.integer(3)))
            }
        }
    }

    /// Ends the open segment, so that a backup can take it once and for good; the next message begins another.
    public func sealOpenSegment() async throws(StoreError) {
        try await write(prepare: { [segments] in segments.seal() }) { _ in }
    }

    /// The open segment's number and committed length; nil when none is open. On the writer's thread (see
    /// `Database.copy`'s `whenFrozen`) it is that of the very transaction before.
    public func openSegmentEnd() -> (segment: Int64, octets: Int)? {
        let committed = segments.committedState
        return committed.segment == 0 ? nil : (committed.segment, committed.end)
    }

    public func generation() async throws(StoreError) -> Int64 {
        try await read { try StoreInfo.generation($0) }
    }

    /// Makes a restored store one that gives out nothing again that the lost time may have given out: a new generation
    /// in all numbers, fresh UIDVALIDITYs, POP3's UIDLs as they were, and the queue held.
    ///
    /// On a database whose server does not run, before its store is opened; one transaction. Blocks.
    ///
    /// - Parameter generation: at least this one, so that it is above all that were seen elsewhere.
    /// - Returns: the new generation.
    @discardableResult
    public static func raiseGeneration(
        in database: Database, atLeast generation: Int64 = 0, now: Int64
    ) throws(StoreError) -> Int64 {
        do {
            return try database.writeBlocking { transaction in
                let next = max(try StoreInfo.generation(transaction) + 1, generation)
                try StoreInfo.begin(generation: next, in: transaction)
                try transaction.execute(
                    """
                    INSERT OR IGNORE INTO pop3_uidl
                    SELECT mm.mailbox_id, mm.uid, m.uid_validity || '.' || mm.uid
                    FROM mailbox_message AS mm JOIN mailbox AS m USING (mailbox_id) WHERE m.name = 'INBOX'
                    """)
                try transaction.execute(
                    """
                    UPDATE account_state SET next_message_id = max(next_message_id, ?1),
                      next_uid_validity = max(next_uid_validity, ?2) + 1
                    """, .integer(StoreID.make(generation: next, counter: 1)), .integer(now))
                // The last value given in the lost time is unknown: the clock is above it, unless folders were made by
                // the thousand, one a second.
                for account in try transaction.all("SELECT account_id FROM account_state", row: { $0.integer(0) }) {
                    for mailbox in try transaction.all(
                        "SELECT mailbox_id FROM mailbox WHERE account_id = ?", .integer(account), row: { $0.integer(0) }
                    ) {
                        try transaction.execute(
                            "UPDATE mailbox SET uid_validity = ? WHERE mailbox_id = ?",
                            .integer(try MailboxRows.nextUIDValidity(of: .init(rawValue: account), transaction)),
                            .integer(mailbox))
                    }
                }
                try transaction.execute(
                    "UPDATE queue_recipient SET state = 2, lease_owner = NULL, last_reply = coalesce(last_reply, 'restored')"
                )
                return next
            }
        } catch {
            throw StoreError(error)
        }
    }
}
