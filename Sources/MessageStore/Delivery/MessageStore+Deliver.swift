internal import Execution
internal import MailCore
internal import NIOCore
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

    /// One write with a body.
    func write<Outcome: Sendable>(
        _ message: StagedMessage, _ origin: Origin, accounts: [AccountID],
        _ perform: @escaping @Sendable (BodyWrite, WriteTransaction) throws -> Outcome
    ) async throws(StoreError) -> Outcome {
        try await write([message], origin, accounts: accounts) { bodies, transaction in
            try perform(bodies[0], transaction)
        }
    }

    /// One write with bodies: large ones are settled on the file pool, small ones appended by the writer, which names
    /// them. Each gets its trail.
    func write<Outcome: Sendable>(
        _ messages: [StagedMessage], _ origin: Origin, accounts: [AccountID],
        _ perform: @escaping @Sendable ([BodyWrite], WriteTransaction) throws -> Outcome
    ) async throws(StoreError) -> Outcome {
        guard disk.hasRoom else { throw .diskFull }
        if segments.numbers.isExhausted { try await write { _ in } }
        let bodies = messages.map {
            BodyWrite($0, accounts: accounts.map(\.rawValue), segments: segments)
        }
        do throws(StoreError) {
            if messages.contains(where: { $0.spoolPath != nil }) {
                do {
                    try await files.run { for body in bodies { try body.settle() } }
                } catch {
                    throw StoreError(error)
                }
            }
            return try await write(
                octets: bodies.reduce(0) { $0 + $1.announcedOctets },
                prepare: { for body in bodies { try body.prepare() } }
            ) { transaction in
                let outcome = try perform(bodies, transaction)
                for (body, message) in zip(bodies, messages) {
                    try EventRows.insertTrail(
                        body.bodyID, origin, message.facts, octets: message.octetCount, transaction)
                }
                return outcome
            }
        } catch {
            switch error {
            // Whether the transaction is on disk is unknown: the next start finds what no row names.
            case .storage: break
            case .diskFull: for body in bodies { body.undoLater() }
            default: for body in bodies { body.undo() }
            }
            throw error
        }
    }
}
