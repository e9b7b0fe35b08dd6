internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Appends a message and removes another of the account, in one transaction (RFC 8508 §3.4). What is removed stays
    /// recoverable, and counts no more when the quota is looked at.
    ///
    /// - Returns: nil, with nothing changed, when the old message is not there any more.
    public func replace(
        _ old: UID, of source: MailboxID, by new: NewMessage, account: AccountID, mailbox: MailboxID
    ) async throws(StoreError) -> (UIDValidity, UID)? {
        let body = BodyWrite(new.message, accounts: [account.rawValue], segments: segments)
        if new.message.spoolPath != nil {
            do { try await files.run { try body.seal() } } catch { throw StoreError(error) }
        }
        do {
            return try await write(octets: body.announcedOctets, prepare: { try body.prepare() }) {
                [options, hub] transaction in
                let rows = try UIDPages([old.rawValue...old.rawValue]).rows(of: source, transaction)
                guard !rows.isEmpty else { throw StoreError.noSuchMailbox }
                let insert = MessageInsert(
                    account: account, target: .mailbox(mailbox), prefix: [], flags: new.flags, verdict: nil,
                    internalDate: new.internalDate, zoneMinutes: new.zoneMinutes, receivedAt: Clock.now(), quota: nil,
                    octetCount: new.message.octetCount, facts: new.message.facts,
                    bodyID: try body.insert(references: 1, in: transaction))
                let copy = try insert.perform(transaction, hub)
                try Removal(mailbox: source, rows: rows, actor: "replace").perform(transaction, hub)
                try Self.checkQuota(account, adding: new.message.octetCount, options, transaction)
                return (copy.uidValidity, copy.uid)
            }
        } catch .noSuchMailbox {
            body.undo()
            return nil
        } catch {
            switch error {
            // Whether the transaction is on disk is not certain: the next start finds what no row names.
            case .storage, .diskFull: break
            default: body.undo()
            }
            throw error
        }
    }

    private static func checkQuota(
        _ account: AccountID, adding octets: Int, _ options: Options, _ transaction: WriteTransaction
    ) throws {
        guard let quota = try options.quota(account, transaction) else { return }
        let used = try transaction.first(
            "SELECT used_octets, used_messages FROM account_state WHERE account_id = ?", .integer(account.rawValue)
        ) { (octets: $0.integer(0), messages: $0.integer(1)) }
        guard let used else { throw StoreError.noSuchAccount }
        try quota.check(octets: used.octets, messages: used.messages, addedOctets: Int64(octets))
    }
}
