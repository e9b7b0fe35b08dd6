internal import Execution
internal import Glibc
internal import Logging
internal import MailCore
internal import Observation
internal import SQLite

/// How space comes back: segments are compacted and retired, and rows of removed accounts go.
extension MessageStore {
    /// Compacts what has become emptier than it may, a segment at a time.
    ///
    /// - Parameters:
    ///   - percent: dead, from where on it is worth the copy.
    ///   - pool: a thread that may be held for long.
    /// - Returns: the octets that come back.
    @discardableResult
    func compact(percent: Int, pool: BlockingPool, octetsPerSecondMax: Int = 50_000_000) async throws -> Int {
        var compaction = Compaction(store: self, pool: pool)
        compaction.octetsPerSecondMax = octetsPerSecondMax
        var octets = 0
        var failed: Set<Int64> = []
        while true {
            let known = failed.count
            let next = try await read(priority: .bulk) {
                try Compaction.candidates(percent: percent, limit: known + 1, $0)
            }
            guard let candidate = next.first(where: { !failed.contains($0.id) }) else { return octets }
            do {
                octets += try await compaction.run(candidate)
            } catch {
                // A damaged segment keeps no other from being compacted; `check` names what is damaged in it.
                failed.insert(candidate.id)
                Log.logger("store").error(
                    "a segment cannot be compacted",
                    metadata: [
                        "segment": "\(StorePaths.segmentName(candidate.id))",
                        "error": "\(StoreError(error).diagnostic)",
                    ])
            }
            try Task.checkCancellation()
        }
    }

    /// Removes the files, then the rows, of segments that nobody reads any more.
    func clearRetired(now: Int64) async throws(StoreError) {
        let retired = try await read(priority: .bulk) {
            try $0.all(
                "SELECT segment_id FROM segment WHERE state = 2 AND coalesce(retire_after, 0) <= ?", .integer(now)
            ) { $0.integer(0) }
        }
        guard !retired.isEmpty else { return }
        let gone: [Int64]
        do {
            gone = try await files.run(priority: .bulk) { [segments, readers] in
                retired.filter {
                    readers.forget($0)
                    return segments.remove($0)
                }
            }
        } catch {
            throw StoreError(error)
        }
        try await write(priority: .bulk) { transaction in
            for segment in gone {
                try transaction.execute(
                    "DELETE FROM segment WHERE segment_id = ? AND state = 2", .integer(segment))
            }
        }
    }

    /// Takes away the rows of accounts that were removed, a page at a time.
    func clearRemovedAccounts() async throws(StoreError) {
        let removed = try await read(priority: .bulk) {
            try $0.all("SELECT account_id FROM account_state WHERE removed_at IS NOT NULL") {
                AccountID(rawValue: $0.integer(0))
            }
        }
        for account in removed {
            while try await write(priority: .bulk, { try RemovedAccountRows.clearPage(of: account, $0) }) {}
        }
    }

    /// What the disk holds of this store, and what of it nobody can read any more.
    public func space() async throws(StoreError) -> StoreSpace {
        let free = disk.freeOctets
        let hasRoom = disk.hasRoom
        return try await read(priority: .bulk) { connection in
            let sums = try connection.first(
                """
                SELECT coalesce(sum(octet_count), 0), coalesce(sum(dead_octets), 0), count(*),
                  (SELECT coalesce(sum(kept_octets), 0) FROM account_state) FROM segment
                """
            ) { ($0.integer(0), $0.integer(1), $0.integer(2), $0.integer(3)) }
            return StoreSpace(
                segments: Int(sums?.2 ?? 0), octets: sums?.0 ?? 0, deadOctets: sums?.1 ?? 0, keptOctets: sums?.3 ?? 0,
                freeOctets: free, hasRoom: hasRoom)
        }
    }
}

/// Of sealed segments; sizes are octets.
public struct StoreSpace: Equatable, Sendable {
    public var segments: Int
    public var octets: Int64
    public var deadOctets: Int64
    /// Of expunged messages that can be brought back.
    public var keptOctets: Int64
    /// On the disk.
    public var freeOctets: Int64
    /// False: no more mail is taken.
    public var hasRoom: Bool
}

enum RemovedAccountRows {
    static let pageMax = 200

    /// False when nothing is left.
    static func clearPage(of account: AccountID, _ transaction: WriteTransaction) throws -> Bool {
        let id = Value.integer(account.rawValue)
        let messages = try transaction.all(
            "SELECT message_id, mailbox_refs FROM message WHERE account_id = ? LIMIT ?", id, .integer(pageMax)
        ) { (id: $0.integer(0), refs: Int($0.integer(1))) }
        for message in messages {
            _ = try MessageRows.release(message.id, of: account, count: max(1, message.refs), in: transaction)
        }
        if messages.count == pageMax { return true }
        let mailboxes = try transaction.all("SELECT mailbox_id FROM mailbox WHERE account_id = ?", id) { $0.integer(0) }
        for mailbox in mailboxes {
            if try clearRows(of: mailbox, transaction) { return true }
            for statement in [
                "DELETE FROM vanished_run WHERE mailbox_id = ?", "DELETE FROM pop3_uidl WHERE mailbox_id = ?",
                "DELETE FROM mailbox WHERE mailbox_id = ?",
            ] as [StaticString] { try transaction.execute(statement, .integer(mailbox)) }
        }
        for statement in [
            "DELETE FROM expunged WHERE account_id = ?", "DELETE FROM subscription WHERE account_id = ?",
            "DELETE FROM keyword WHERE account_id = ?", "DELETE FROM thread_reference WHERE account_id = ?",
            "DELETE FROM account_state WHERE account_id = ?",
        ] as [StaticString] { try transaction.execute(statement, id) }
        return false
    }

    /// True when a page went and there may be more.
    private static func clearRows(of mailbox: Int64, _ transaction: WriteTransaction) throws -> Bool {
        let last = try transaction.integer(
            "SELECT uid FROM mailbox_message WHERE mailbox_id = ? ORDER BY uid LIMIT 1 OFFSET ?", .integer(mailbox),
            .integer(pageMax * 5))
        try transaction.execute(
            "DELETE FROM mailbox_message WHERE mailbox_id = ? AND uid < ?", .integer(mailbox),
            .integer(last ?? Int64(UInt32.max) + 1))
        return last != nil
    }
}
