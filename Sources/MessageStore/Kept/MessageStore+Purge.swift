internal import Execution
public import MailCore
internal import SQLite

/// A message that was erased at an administrator's word.
public struct ErasedMessage: Equatable, Sendable {
    /// The folders it was in, expunged ones included.
    public var mailboxNames: [String]
    public var subject: String
    public var octets: Int
    /// The segment that its octets are, or were, in, and where they ended: what backups name.
    public var segment: Int64
    public var segmentEnd: Int
    /// Other mailboxes have the same octets, so that these stay.
    public var isShared: Bool
}

extension MessageStore {
    /// The store's numbers of an account's messages with this Message-ID field, with or without < and >, those that were
    /// expunged and can be brought back included.
    public func messages(of account: AccountID, withMessageID text: String) async throws(StoreError) -> [Int64] {
        let id = text.hasPrefix("<") && text.hasSuffix(">") ? String(text.dropFirst().dropLast()) : text
        return try await read(priority: .bulk) { connection in
            try connection.all(
                """
                SELECT m.message_id FROM thread_reference AS r
                  JOIN message AS m ON m.account_id = r.account_id AND m.message_id = r.message_id
                  JOIN trail AS t ON t.trail_id = m.body_id
                WHERE r.account_id = ? AND r.token_hash = ? AND t.message_id = ?
                """, .integer(account.rawValue), .integer(ThreadTokens.hash(id)), .text(id)
            ) { $0.integer(0) }
        }
    }

    /// The store's number of the message with this UID; nil when there is none.
    public func message(inMailbox mailbox: MailboxID, uid: UID) async throws(StoreError) -> Int64? {
        try await read { connection in
            try connection.integer(
                """
                SELECT message_id FROM mailbox_message WHERE mailbox_id = ?1 AND uid = ?2
                UNION ALL SELECT message_id FROM expunged WHERE mailbox_id = ?1 AND uid = ?2
                """, .integer(mailbox.rawValue), .integer(uid.rawValue))
        }
    }

    /// Erases a message from all folders of an account at once, beyond bringing back; and, unless others have it, its
    /// octets from the disk: the segment is written anew without it. Backups made before still have it.
    ///
    /// - Returns: nil when there is no such message.
    public func erase(_ message: Int64, account: AccountID) async throws(StoreError) -> ErasedMessage? {
        let erased = try await write { [hub] transaction in
            try Erasure(account: account, message: message).perform(transaction, hub)
        }
        guard let erased, !erased.isShared else { return erased }
        do {
            try await rewrite(erased.segment)
        } catch {
            throw StoreError(error)
        }
        return erased
    }

    /// Writes a segment anew without what is dead in it, and removes the old file at once.
    private func rewrite(_ segment: Int64) async throws {
        if segments.committedState.segment == segment { try await sealOpenSegment() }
        let candidate = try await read { connection in
            try connection.first(
                """
                SELECT segment_id, first_body_id, coalesce(last_body_id, 0), octet_count FROM segment
                WHERE segment_id = ? AND state = 1 AND kind IN (0, 2)
                """, .integer(segment)
            ) {
                Compaction.Candidate(
                    id: $0.integer(0), firstBody: $0.integer(1), lastBody: $0.integer(2), octets: Int($0.integer(3)))
            }
        }
        if let candidate { try await Compaction(store: self, pool: files).run(candidate, graceSeconds: 0) }
        try await clearRetired(now: Clock.now())
    }
}

/// All rows of one message of one account.
private struct Erasure {
    let account: AccountID
    let message: Int64

    func perform(_ transaction: WriteTransaction, _ hub: ChangeHub) throws -> ErasedMessage? {
        let place = try transaction.first(
            """
            SELECT m.body_id, b.segment_id, b.segment_offset + b.stored_length, b.ref_count, b.raw_length,
              coalesce((SELECT subject FROM trail WHERE trail_id = m.body_id), '')
            FROM message AS m JOIN body AS b USING (body_id) WHERE m.account_id = ? AND m.message_id = ?
            """, .integer(account.rawValue), .integer(message)
        ) {
            (
                body: $0.integer(0), segment: $0.integer(1), end: Int($0.integer(2)), holds: $0.integer(3),
                octets: Int($0.integer(4)), subject: $0.text(5)
            )
        }
        guard let place else { return nil }
        let (names, rows) = try removeRows(transaction, hub)
        let (keptNames, kept) = try removeKept(transaction)
        _ = try MessageRows.release(message, of: account, count: rows + kept, in: transaction)
        try EventRows.insert(.purged, trail: place.body, account: account, address: "administrator", transaction)
        return ErasedMessage(
            mailboxNames: names + keptNames, subject: place.subject, octets: place.octets, segment: place.segment,
            segmentEnd: place.end, isShared: place.holds > 1)
    }

    private func removeRows(
        _ transaction: WriteTransaction, _ hub: ChangeHub
    ) throws -> (names: [String], count: Int) {
        var names: [String] = []
        var count = 0
        for mailbox in try MailboxRows.all(of: account, transaction) {
            let uids = try transaction.all(
                "SELECT uid FROM mailbox_message WHERE mailbox_id = ? AND message_id = ?",
                .integer(mailbox.id.rawValue), .integer(message)
            ) { UInt32(truncatingIfNeeded: $0.integer(0)) }
            guard !uids.isEmpty else { continue }
            let rows = try UIDPages(uids.map { $0...$0 }).rows(of: mailbox.id, limit: .max, transaction)
            try Removal(mailbox: mailbox.id, rows: rows, actor: nil).perform(transaction, hub)
            try UsageRows.add(
                octets: -rows.reduce(0) { $0 + $1.size }, messages: -rows.count, to: account, checksQuota: false, hub,
                transaction)
            names.append(mailbox.name)
            count += rows.count
        }
        return (names, count)
    }

    private func removeKept(_ transaction: WriteTransaction) throws -> (names: [String], count: Int) {
        let kept = try transaction.all(
            "DELETE FROM expunged WHERE account_id = ? AND message_id = ? RETURNING mailbox_name, size",
            .integer(account.rawValue), .integer(message)
        ) { (name: $0.text(0), size: Int($0.integer(1))) }
        try transaction.execute(
            "UPDATE account_state SET kept_octets = max(0, kept_octets - ?) WHERE account_id = ?",
            .integer(kept.reduce(0) { $0 + $1.size }), .integer(account.rawValue))
        return (kept.map { $0.name }, kept.count)
    }
}
