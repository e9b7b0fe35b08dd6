internal import Execution
internal import MailCore
internal import SQLite

extension MessageStore {
    /// The mailbox that repaired mail goes to.
    public static let recoveredMailbox = "Recovered"

    /// Mends what `check` finds and can be mended, without taking anything away that a person could want: counters are
    /// counted anew, places of bodies are looked up in the segments, mail that no mailbox has goes to `Recovered`, and so
    /// do the messages in lost/; damaged search files are removed. A damaged body cannot be mended; who has it is said.
    ///
    /// - Parameter progress: is told sentences; must not block.
    /// - Returns: what was done, a sentence each; empty when nothing was to be done.
    public func repair(progress: @escaping @Sendable (String) -> Void = { _ in }) async throws(StoreError) -> [String] {
        var done: [String] = []
        if try await rebuildsIndexes() { done.append("the database's own indexes were made again") }
        progress("Looking for bodies that the index lost.")
        done += try await BodyFinder(store: self).repair()
        progress("Counting anew.")
        done += try await dropRowsWithoutMessage()
        for account in try await accountIDs() {
            done += try await repair(account)
        }
        let bodies = try await write(priority: .bulk) { try CounterRepair.recountBodies($0) }
        if bodies > 0 { done.append("\(bodies) bodies counted their references wrongly") }
        progress("Reading the search files.")
        for damage in try await damagedSearchFiles() {
            search.discard(damage)
            done.append("\(damage.name) was damaged and is made anew by the running server")
        }
        progress("Reading lost files.")
        done += try await LostFiles(store: self).deliver()
        return done
    }

    /// Of all that are not removed, ascending.
    func accountIDs() async throws(StoreError) -> [AccountID] {
        try await read(priority: .bulk) {
            try $0.all("SELECT account_id FROM account_state WHERE removed_at IS NULL ORDER BY 1") {
                AccountID(rawValue: $0.integer(0))
            }
        }
    }

    private func rebuildsIndexes() async throws(StoreError) -> Bool {
        do {
            guard try await database.integrityCheck().contains(where: { $0.contains("index") }) else { return false }
        } catch {
            throw StoreError(error)
        }
        try await write(priority: .bulk) { _ = try $0.execute("REINDEX") }
        return true
    }

    private func dropRowsWithoutMessage() async throws(StoreError) -> [String] {
        let dropped = try await write(priority: .bulk) { transaction in
            try transaction.execute(
                """
                DELETE FROM mailbox_message WHERE (mailbox_id, uid) IN (
                  SELECT mm.mailbox_id, mm.uid FROM mailbox_message AS mm JOIN mailbox AS b USING (mailbox_id)
                    LEFT JOIN message AS m ON m.account_id = b.account_id AND m.message_id = mm.message_id
                  WHERE m.message_id IS NULL)
                """)
                + transaction.execute(
                    """
                    DELETE FROM expunged WHERE NOT EXISTS (SELECT 1 FROM message AS m
                      WHERE m.account_id = expunged.account_id AND m.message_id = expunged.message_id)
                    """)
        }
        return dropped == 0 ? [] : ["\(dropped) rows without a message were removed"]
    }

    private func repair(_ account: AccountID) async throws(StoreError) -> [String] {
        try await write(priority: .bulk) { [hub] transaction in
            var done: [String] = []
            let references = try CounterRepair.recountReferences(account, transaction)
            if references > 0 {
                done.append("account \(account.rawValue): \(references) messages counted their mailboxes wrongly")
            }
            let orphans = try Orphans.rescue(of: account, hub, transaction)
            if orphans > 0 {
                done.append(
                    "account \(account.rawValue): \(orphans) messages that no mailbox had are in \(Self.recoveredMailbox)"
                )
            }
            if try CounterRepair.recount(account, transaction) {
                done.append("account \(account.rawValue): its counters were wrong")
            }
            return done
        }
    }
}

/// Messages that neither a mailbox has nor anybody can bring back.
private enum Orphans {
    static func rescue(of account: AccountID, _ hub: ChangeHub, _ transaction: WriteTransaction) throws -> Int {
        let orphans = try transaction.all(
            """
            SELECT m.message_id, m.body_id, b.raw_length + length(f.prefix), m.received_at
            FROM message AS m JOIN message_facts AS f USING (facts_id) JOIN body AS b USING (body_id)
            WHERE m.account_id = ? AND m.mailbox_refs <= 0
            """, .integer(account.rawValue)
        ) { (message: $0.integer(0), body: $0.integer(1), size: Int($0.integer(2)), at: $0.integer(3)) }
        guard !orphans.isEmpty else { return 0 }
        let mailbox = try MailboxRows.make(
            MessageStore.recoveredMailbox, specialUse: [], of: account, isSubscribed: true, in: transaction)
        let modSeq = try ModSeqRows.next(of: mailbox, transaction).modSeq
        for orphan in orphans {
            let uid = try transaction.integer(
                "UPDATE mailbox SET uid_next = uid_next + 1 WHERE mailbox_id = ? RETURNING uid_next - 1",
                .integer(mailbox.rawValue))
            try transaction.execute(
                "INSERT INTO mailbox_message VALUES (?, ?, ?, ?, 0, ?, ?, 0, ?, 0, ?)", .integer(mailbox.rawValue),
                .integer(uid ?? 1), .integer(orphan.message), .integer(modSeq.rawValue), .integer(orphan.size),
                .integer(orphan.at), .integer(orphan.at), .integer(Clock.now()))
            try transaction.execute(
                "UPDATE message SET mailbox_refs = 1 WHERE account_id = ? AND message_id = ?",
                .integer(account.rawValue), .integer(orphan.message))
            try EventRows.insert(
                .recovered, trail: orphan.body, account: account, mailbox: MessageStore.recoveredMailbox,
                uid: uid.map { UID(UInt32(truncatingIfNeeded: $0)) }, transaction)
        }
        try ModSeqRows.count(
            mailbox, modSeq: modSeq, messages: orphans.count, unseen: orphans.count,
            octets: orphans.reduce(0) { $0 + $1.size }, transaction)
        transaction.afterCommit { hub.changed(mailbox, modSeq) }
        return orphans.count
    }
}
