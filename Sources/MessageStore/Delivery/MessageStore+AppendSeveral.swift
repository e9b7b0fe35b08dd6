internal import Execution
public import MailCore
internal import SQLite

/// A staged message on its way into a mailbox by APPEND or import.
public struct NewMessage: Sendable {
    public var message: StagedMessage
    public var flags: Flags
    /// Seconds since 1970, and the zone it was told in.
    public var internalDate: Int64
    public var zoneMinutes: Int

    public init(_ message: StagedMessage, flags: Flags, internalDate: Int64, zoneMinutes: Int) {
        self.message = message
        self.flags = flags
        self.internalDate = internalDate
        self.zoneMinutes = zoneMinutes
    }
}

extension MessageStore {
    /// Appends several messages to a mailbox in one transaction: all of them, or none (RFC 3502). Durable as `append`.
    ///
    /// - Returns: the UIDs in the order of the messages, ascending and without gaps.
    /// - Throws: `overQuota` and the like with nothing kept.
    public func append(
        _ messages: [NewMessage], account: AccountID, mailbox: MailboxID
    ) async throws(StoreError) -> (UIDValidity, [UID]) {
        let bodies = messages.map { BodyWrite($0.message, accounts: [account.rawValue], segments: segments) }
        if messages.contains(where: { $0.message.spoolPath != nil }) {
            do { try await files.run { for body in bodies { try body.seal() } } } catch { throw StoreError(error) }
        }
        do {
            return try await write(
                octets: bodies.reduce(0) { $0 + $1.announcedOctets },
                prepare: { for body in bodies { try body.prepare() } }
            ) { [options, hub] transaction in
                var outcome: (validity: UIDValidity?, uids: [UID]) = (nil, [])
                let quota = try options.quota(account, transaction)
                for (new, body) in zip(messages, bodies) {
                    let insert = MessageInsert(
                        account: account, target: .mailbox(mailbox), prefix: [], flags: new.flags, verdict: nil,
                        internalDate: new.internalDate, zoneMinutes: new.zoneMinutes, receivedAt: Clock.now(),
                        quota: quota, octetCount: new.message.octetCount, facts: new.message.facts,
                        bodyID: try body.insert(references: 1, in: transaction))
                    let copy = try insert.perform(transaction, hub)
                    outcome.validity = copy.uidValidity
                    outcome.uids.append(copy.uid)
                }
                guard let validity = outcome.validity else { throw StoreError.noSuchMailbox }
                return (validity, outcome.uids)
            }
        } catch {
            switch error {
            // Whether the transaction is on disk is not certain: the next start finds what no row names.
            case .storage, .diskFull: break
            default: for body in bodies { body.undo() }
            }
            throw error
        }
    }
}
