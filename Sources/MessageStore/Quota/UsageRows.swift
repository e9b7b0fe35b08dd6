internal import MailCore
internal import SQLite

/// The counters of accounts and domains, kept in the transaction that changes what they count: exact at any instant.
enum UsageRows {
    /// Adds to what an account and its domain hold. All numbers may be negative.
    ///
    /// - Parameter checksQuota: refuses what goes beyond the limits of either, and undoes nothing itself.
    static func add(
        octets: Int, messages: Int, to account: AccountID, checksQuota: Bool, _ hub: ChangeHub,
        _ transaction: WriteTransaction
    ) throws {
        let counted = try transaction.first(
            """
            UPDATE account_state SET used_octets = used_octets + ?, used_messages = used_messages + ?
            WHERE account_id = ? AND removed_at IS NULL
            RETURNING used_octets, used_messages, octets_max, messages_max, warned_percent, domain_id
            """, .integer(octets), .integer(messages), .integer(account.rawValue), row: Counted.init)
        guard let counted else { throw StoreError.noSuchAccount }
        try count(
            counted, octets: octets, messages: messages, account: account, checksQuota: checksQuota, hub, transaction)
    }

    /// What an UPDATE of `account_state` returns last.
    struct Counted {
        var usage: Usage
        var quota: Quota
        var warnedPercent: Int
        var domain: DomainID

        init(_ row: Row) { self.init(row, from: 0) }

        init(_ row: Row, from column: Int) {
            usage = Usage(octets: row.integer(column), messages: row.integer(column + 1))
            quota = Quota(octetsMax: row.integer(column + 2), messagesMax: row.integer(column + 3))
            warnedPercent = Int(row.integer(column + 4))
            domain = DomainID(rawValue: row.integer(column + 5))
        }
    }

    /// The part that follows the account's own row: its domain's, the limits, the warning.
    static func count(
        _ counted: Counted, octets: Int, messages: Int, account: AccountID, checksQuota: Bool, _ hub: ChangeHub,
        _ transaction: WriteTransaction
    ) throws {
        let domain = try countInDomain(counted.domain, octets: octets, messages: messages, transaction)
        if checksQuota {
            try counted.quota.check(counted.usage, addedOctets: Int64(octets))
            if let domain { try domain.quota.check(domain.usage, addedOctets: Int64(octets)) }
        }
        try QuotaThreshold.note(counted, account, hub, transaction)
    }

    static func haveLimits(_ connection: ReadConnection) throws -> Bool {
        try connection.integer(
            """
            SELECT EXISTS (SELECT 1 FROM account_state WHERE octets_max > 0 OR messages_max > 0)
              OR EXISTS (SELECT 1 FROM domain_state WHERE octets_max > 0 OR messages_max > 0)
            """) == 1
    }

    private static func countInDomain(
        _ domain: DomainID, octets: Int, messages: Int, _ transaction: WriteTransaction
    ) throws -> (usage: Usage, quota: Quota)? {
        guard domain != .none else { return nil }
        return try transaction.first(
            """
            UPDATE domain_state SET used_octets = used_octets + ?, used_messages = used_messages + ?
            WHERE domain_id = ? RETURNING used_octets, used_messages, octets_max, messages_max
            """, .integer(octets), .integer(messages), .integer(domain.rawValue)
        ) {
            (
                usage: Usage(octets: $0.integer(0), messages: $0.integer(1)),
                quota: Quota(octetsMax: $0.integer(2), messagesMax: $0.integer(3))
            )
        }
    }
}

/// At which parts of a quota its owner is told.
enum QuotaThreshold {
    /// Ascending, in percent.
    static let all = [80, 95, 100]

    /// The highest that is reached; 0 below all.
    static func reached(_ percent: Int) -> Int { all.last { $0 <= percent } ?? 0 }

    /// Told once on the way up. Below the lowest by some percent, the next way up is told again.
    static func note(
        _ counted: UsageRows.Counted, _ account: AccountID, _ hub: ChangeHub, _ transaction: WriteTransaction
    ) throws {
        guard counted.quota != .none else { return }
        let percent = counted.quota.percentUsed(counted.usage)
        let reached = reached(percent)
        if reached > counted.warnedPercent {
            transaction.afterCommit { hub.quotaReached(account) }
        } else if counted.warnedPercent > 0, percent < (all.first ?? 0) - 5 {
            try transaction.execute(
                "UPDATE account_state SET warned_percent = 0 WHERE account_id = ?", .integer(account.rawValue))
        }
    }
}
