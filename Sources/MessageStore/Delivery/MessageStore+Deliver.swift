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
    ///   - checkQuota: without it a full account still takes the message.
    /// - Returns: a UID above all those given before in its mailbox for each copy (RFC 9051 §2.3.1.1).
    /// - Throws: `overQuota`, `noSuchMailbox` and the like with nothing kept; after `storage` the outcome is unknown.
    @discardableResult
    public func deliver(
        _ message: StagedMessage, to copies: [LocalCopy], queue: [QueueEntry] = [], checkQuota: Bool = false
    ) async throws(StoreError) -> DeliveryReceipt {
        guard !copies.isEmpty || queue.contains(where: { !$0.recipients.isEmpty }) else {
            return DeliveryReceipt(copies: [], queueIDs: [])
        }
        let now = Clock.now()
        return try await write(message, accounts: copies.map(\.account)) { [options, hub] body, transaction in
            let bodyID = try body.insert(references: copies.count + queue.count, in: transaction)
            var receipt = DeliveryReceipt(copies: [], queueIDs: [])
            for copy in copies {
                let insert = MessageInsert(
                    account: copy.account, target: copy.target, prefix: Array(copy.prefix.readableBytesView),
                    flags: copy.flags, verdict: copy.verdict, internalDate: now, zoneMinutes: 0, receivedAt: now,
                    quota: checkQuota ? try options.quota(copy.account, transaction) : nil,
                    octetCount: message.octetCount, facts: message.facts, bodyID: bodyID)
                receipt.copies.append(try insert.perform(transaction, hub))
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
    /// - Throws: `overQuota` with nothing kept.
    @discardableResult
    public func append(
        _ message: StagedMessage, account: AccountID, mailbox: MailboxID, flags: Flags, internalDate: Int64,
        zoneMinutes: Int, prefix: ByteBuffer = ByteBuffer()
    ) async throws(StoreError) -> (UIDValidity, UID) {
        let receipt = try await write(message, accounts: [account]) { [options, hub] body, transaction in
            let insert = MessageInsert(
                account: account, target: .mailbox(mailbox), prefix: Array(prefix.readableBytesView), flags: flags,
                verdict: nil, internalDate: internalDate, zoneMinutes: zoneMinutes, receivedAt: Clock.now(),
                quota: try options.quota(account, transaction), octetCount: message.octetCount, facts: message.facts,
                bodyID: try body.insert(references: 1, in: transaction))
            return try insert.perform(transaction, hub)
        }
        return (receipt.uidValidity, receipt.uid)
    }

    /// One write with a body: sealed on the file pool, appended or adopted and named by the writer.
    private func write<Outcome: Sendable>(
        _ message: StagedMessage, accounts: [AccountID],
        _ perform: @escaping @Sendable (BodyWrite, WriteTransaction) throws -> Outcome
    ) async throws(StoreError) -> Outcome {
        let body = BodyWrite(message, accounts: accounts.map(\.rawValue), segments: segments)
        if message.spoolPath != nil {
            do { try await files.run { try body.seal() } } catch { throw StoreError(error) }
        }
        do {
            return try await write(octets: body.announcedOctets, prepare: { try body.prepare() }) { transaction in
                try perform(body, transaction)
            }
        } catch {
            switch error {
            // Whether the transaction is on disk is unknown: the next start finds what no row names.
            case .storage: break
            case .diskFull: body.undoLater()
            default: body.undo()
            }
            throw error
        }
    }
}
