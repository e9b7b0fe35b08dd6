internal import Execution
public import MailCore
public import NIOCore
internal import SQLite

extension MessageStore {
    /// Gives a message to all its recipients and the queue in one transaction: all of them, or nobody.
    ///
    /// On disk when it returns (`PRAGMA synchronous = FULL`): SMTP's 250 makes the message ours to lose (RFC 5321 §6.1).
    ///
    /// - Parameters:
    ///   - copies: one for each local account (or more, into several mailboxes).
    ///   - origin: how it came, for its trail.
    ///   - checkQuota: without it a full account still takes the message.
    /// - Returns: a UID above all those given before in its mailbox for each copy (RFC 9051 §2.3.1.1).
    /// - Throws: `overQuota`, `noSuchMailbox` and the like with nothing kept; `diskFull` also when the disk's reserve is
    ///   reached; after `storage` the outcome is unknown.
    @discardableResult
    public func deliver(
        _ message: StagedMessage, to copies: [LocalCopy], queue: [QueueEntry] = [], origin: Origin = Origin(.notice),
        checkQuota: Bool = false
    ) async throws(StoreError) -> DeliveryReceipt {
        guard !copies.isEmpty || queue.contains(where: { !$0.recipients.isEmpty }) else {
            return DeliveryReceipt(copies: [], queueIDs: [])
        }
        let now = Clock.now()
        return try await write(message, origin, accounts: copies.map(\.account)) { [hub] body, transaction in
            let bodyID = try body.insert(references: copies.count + queue.count, in: transaction)
            var receipt = DeliveryReceipt(copies: [], queueIDs: [])
            for copy in copies {
                let insert = MessageInsert(
                    account: copy.account, target: copy.target, prefix: Array(copy.prefix.readableBytesView),
                    flags: copy.flags, verdict: copy.verdict, internalDate: now, zoneMinutes: 0, receivedAt: now,
                    checksQuota: checkQuota, octetCount: message.octetCount, facts: message.facts, bodyID: bodyID)
                receipt.copies.append(try insert.perform(.delivered, address: copy.address, transaction, hub))
            }
            for entry in queue {
                receipt.queueIDs.append(try QueueRows.insert(entry, bodyID, now: now, in: transaction))
            }
            if !queue.isEmpty { transaction.afterCommit { hub.queueChanged() } }
            return receipt
        }
    }

    /// Appends a message to a mailbox (IMAP APPEND, import). Durable as `deliver`.
    ///
    /// - Parameters:
    ///   - internalDate: seconds since 1970-01-01T00:00:00Z (INTERNALDATE, RFC 9051 §2.3.3).
    ///   - zoneMinutes: the zone it was told in.
    ///   - prefix: header lines of the account's own in front, if any.
    /// - Throws: as `deliver`.
    @discardableResult
    public func append(
        _ message: StagedMessage, account: AccountID, mailbox: MailboxID, flags: Flags, internalDate: Int64,
        zoneMinutes: Int, prefix: ByteBuffer = ByteBuffer(), origin: Origin = Origin(.append), checksQuota: Bool = true
    ) async throws(StoreError) -> (UIDValidity, UID) {
        let receipt = try await write(message, origin, accounts: [account]) { [hub] body, transaction in
            let insert = MessageInsert(
                account: account, target: .mailbox(mailbox), prefix: Array(prefix.readableBytesView), flags: flags,
                verdict: nil, internalDate: internalDate, zoneMinutes: zoneMinutes, receivedAt: Clock.now(),
                checksQuota: checksQuota, octetCount: message.octetCount, facts: message.facts,
                bodyID: try body.insert(references: 1, in: transaction))
            let event: MessageEvent.Kind = origin.kind == .recovered ? .recovered : .appended
            return try insert.perform(event, address: nil, transaction, hub)
        }
        return (receipt.uidValidity, receipt.uid)
    }

    /// Keeps the trail of a message that was not taken: who sent it, and what it was told.
    ///
    /// - Parameter recipients: to whom it was.
    public func recordRefusal(
        _ message: StagedMessage, origin: Origin, isTemporary: Bool, recipients: [String], detail: String
    ) async throws(StoreError) {
        let facts = message.facts
        let octets = message.octetCount
        try await write { [segments] transaction in
            let trail = segments.takeBodyID()
            try EventRows.insertTrail(trail, origin, facts, octets: octets, transaction)
            for recipient in recipients.prefix(100) {
                try EventRows.insert(
                    isTemporary ? .deferred : .refused, trail: trail, address: recipient, detail: detail, transaction)
            }
        }
    }

    /// One write with a body: a large one is settled on the file pool, a small one appended by the writer, which names it.
    func write<Outcome: Sendable>(
        _ message: StagedMessage, _ origin: Origin, accounts: [AccountID],
        _ perform: @escaping @Sendable (BodyWrite, WriteTransaction) throws -> Outcome
    ) async throws(StoreError) -> Outcome {
        guard disk.hasRoom else { throw .diskFull }
        if segments.numbers.isExhausted { try await write { _ in } }
        let body = BodyWrite(message, accounts: accounts.map(\.rawValue), segments: segments)
        if message.spoolPath != nil {
            do { try await files.run { try body.settle() } } catch { throw StoreError(error) }
        }
        do {
            return try await write(octets: body.announcedOctets, prepare: { try body.prepare() }) { transaction in
                let outcome = try perform(body, transaction)
                try EventRows.insertTrail(
                    body.bodyID, origin, message.facts, octets: message.octetCount, transaction)
                return outcome
            }
        } catch {
            switch error {
            // Whether the transaction is on disk is unknown: the next start finds what no row names.
            case .storage: break
            default: body.undo()
            }
            throw error
        }
    }
}
