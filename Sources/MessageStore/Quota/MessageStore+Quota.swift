internal import Execution
public import MailCore
internal import NIOCore
internal import SQLite
internal import Synchronization

extension MessageStore {
    /// What an account holds and may hold.
    public func quotaState(of account: AccountID) async throws(StoreError) -> QuotaState {
        try await read { connection in
            let state = try connection.first(
                """
                SELECT used_octets, used_messages, octets_max, messages_max, kept_octets FROM account_state
                WHERE account_id = ? AND removed_at IS NULL
                """, .integer(account.rawValue), row: QuotaState.init)
            guard let state else { throw StoreError.noSuchAccount }
            return state
        }
    }

    /// The same of all accounts of a domain together, and how many days its expunged mail is kept, if it says.
    public func quotaState(of domain: DomainID) async throws(StoreError) -> (state: QuotaState, retentionDays: Int?) {
        try await read { connection in
            let state = try connection.first(
                """
                SELECT used_octets, used_messages, octets_max, messages_max,
                  (SELECT coalesce(sum(kept_octets), 0) FROM account_state AS a
                   WHERE a.domain_id = d.domain_id AND removed_at IS NULL), retention_days
                FROM domain_state AS d WHERE domain_id = ?
                """, .integer(domain.rawValue)
            ) { (state: QuotaState($0), retentionDays: $0.optionalInteger(5).map { Int($0) }) }
            return state ?? (QuotaState(usage: Usage(octets: 0, messages: 0), quota: .none, keptOctets: 0), nil)
        }
    }

    /// Sets what an account may hold. What it holds already stays, also beyond it. Durable when it returns.
    public func setQuota(_ quota: Quota, of account: AccountID) async throws(StoreError) {
        hasQuotas.store(true, ordering: .releasing)
        try await write { [hub] transaction in
            try transaction.execute(
                "UPDATE account_state SET octets_max = ?, messages_max = ?, warned_percent = 0 WHERE account_id = ?",
                .integer(max(0, quota.octetsMax)), .integer(max(0, quota.messagesMax)), .integer(account.rawValue))
            try UsageRows.add(octets: 0, messages: 0, to: account, checksQuota: false, hub, transaction)
        }
    }

    /// Sets what the accounts of a domain may hold together.
    public func setQuota(_ quota: Quota, of domain: DomainID) async throws(StoreError) {
        hasQuotas.store(true, ordering: .releasing)
        try await write { transaction in
            try DomainRows.make(domain, transaction)
            try transaction.execute(
                "UPDATE domain_state SET octets_max = ?, messages_max = ? WHERE domain_id = ?",
                .integer(max(0, quota.octetsMax)), .integer(max(0, quota.messagesMax)), .integer(domain.rawValue))
        }
    }

    /// How many days the domain's expunged mail can be brought back; nil: as the server is configured.
    public func setRetention(days: Int?, of domain: DomainID) async throws(StoreError) {
        try await write { transaction in
            try DomainRows.make(domain, transaction)
            try transaction.execute(
                "UPDATE domain_state SET retention_days = ? WHERE domain_id = ?",
                .optional(days.map { Int64($0) }), .integer(domain.rawValue))
        }
    }

    /// Whether a message of this size would go beyond the account's quota now. A hint for RCPT: the delivery itself is
    /// not refused.
    public func isFull(_ account: AccountID, forOctets octets: Int) async throws(StoreError) -> Bool {
        guard hasQuotas.load(ordering: .acquiring) else { return false }
        return try await read { connection in
            let full = try connection.integer(
                """
                SELECT (a.octets_max > 0 AND a.used_octets + ?2 > a.octets_max)
                  OR (a.messages_max > 0 AND a.used_messages >= a.messages_max)
                  OR (coalesce(d.octets_max, 0) > 0 AND d.used_octets + ?2 > d.octets_max)
                  OR (coalesce(d.messages_max, 0) > 0 AND d.used_messages >= d.messages_max)
                FROM account_state AS a LEFT JOIN domain_state AS d ON d.domain_id = a.domain_id
                WHERE a.account_id = ?1
                """, .integer(account.rawValue), .integer(max(1, octets)))
            return full == 1
        }
    }

    /// RFC822.SIZE of all messages of a mailbox that are `\Deleted`.
    public func deletedOctets(of mailbox: MailboxID) async throws(StoreError) -> UInt64 {
        try await read { connection in
            let sum = try connection.integer(
                "SELECT sum(size) FROM mailbox_message WHERE mailbox_id = ? AND flags & ? <> 0",
                .integer(mailbox.rawValue), .integer(Flags.deleted.rawValue))
            return UInt64(clamping: sum ?? 0)
        }
    }

    /// Counts an account's mailboxes and their messages anew. Returns whether anything was wrong.
    public func recountUsage(of account: AccountID) async throws(StoreError) -> Bool {
        try await write { try CounterRepair.recount(account, $0) }
    }

    /// Accounts that reached a threshold of their quota and were not told yet, with how much of it they use in percent.
    public func accountsToWarn() async throws(StoreError) -> [(account: AccountID, percent: Int)] {
        let rows = try await read(priority: .bulk) { connection in
            try connection.all(
                """
                SELECT account_id, warned_percent, used_octets, used_messages, octets_max, messages_max
                FROM account_state WHERE (octets_max > 0 OR messages_max > 0) AND removed_at IS NULL
                  AND (used_octets * 100 >= octets_max * 80 OR used_messages * 100 >= messages_max * 80)
                """
            ) { row in
                (
                    account: AccountID(rawValue: row.integer(0)), warned: Int(row.integer(1)),
                    percent: Quota(octetsMax: row.integer(4), messagesMax: row.integer(5)).percentUsed(
                        Usage(octets: row.integer(2), messages: row.integer(3)))
                )
            }
        }
        return rows.filter { QuotaThreshold.reached($0.percent) > $0.warned }.map { ($0.account, $0.percent) }
    }

    /// Delivers the message that tells an account's owner how full it is, and remembers in the same transaction that it
    /// did. A full account takes it, too.
    public func deliverQuotaWarning(
        _ message: StagedMessage, to copy: LocalCopy, percent: Int
    ) async throws(StoreError) {
        let now = Clock.now()
        try await write(message, Origin(.notice), accounts: [copy.account]) { [hub] body, transaction in
            let insert = MessageInsert(
                account: copy.account, target: copy.target, prefix: Array(copy.prefix.readableBytesView),
                flags: copy.flags, verdict: nil, internalDate: now, zoneMinutes: 0, receivedAt: now,
                checksQuota: false, octetCount: message.octetCount, facts: message.facts,
                bodyID: try body.insert(references: 1, in: transaction))
            _ = try insert.perform(.delivered, address: copy.address, transaction, hub)
            try transaction.execute(
                "UPDATE account_state SET warned_percent = ? WHERE account_id = ?",
                .integer(QuotaThreshold.reached(percent)), .integer(copy.account.rawValue))
        }
    }
}

extension QuotaState {
    init(_ row: Row) {
        usage = Usage(octets: row.integer(0), messages: row.integer(1))
        quota = Quota(octetsMax: row.integer(2), messagesMax: row.integer(3))
        keptOctets = row.integer(4)
    }
}

enum DomainRows {
    /// Makes the state of a domain without accounts.
    static func make(_ domain: DomainID, _ transaction: WriteTransaction) throws {
        guard domain != .none else { throw StoreError.notAllowed(reason: "there is no such domain") }
        try transaction.execute(
            "INSERT OR IGNORE INTO domain_state (domain_id) VALUES (?)", .integer(domain.rawValue))
    }
}
