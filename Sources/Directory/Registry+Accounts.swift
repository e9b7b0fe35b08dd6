public import MailCore
import MailCrypto
import SQLite

extension Registry {
    /// Accounts added in one transaction.
    static let groupMax = 500

    /// Adds accounts and, with `creating`, their state elsewhere.
    ///
    /// Durable when it returns. Up to 500 are added together or not at all; more are added 500 at a time in their order.
    ///
    /// - Parameter skippingExisting: accounts that are there are left as they are, instead of an error.
    /// - Returns: the accounts that were added.
    /// - Throws: `noSuchDomain`, `accountExists`, `addressTaken` by an alias, `invalid`.
    @discardableResult
    public func addAccounts(
        _ accounts: [NewAccount], skippingExisting: Bool = false, creating: @escaping AccountHook
    ) async throws(DirectoryError) -> [Account] {
        var added: [Account] = []
        for start in stride(from: 0, to: accounts.count, by: Self.groupMax) {
            let group = Array(accounts[start..<min(start + Self.groupMax, accounts.count)])
            added += try await addGroup(group, skippingExisting, creating)
        }
        return added
    }

    /// - Throws: `noSuchAccount`, `invalid`.
    public func setPassword(of address: EmailAddress, to password: String) async throws(DirectoryError) {
        try NameRules.checkPassword(password, octetsMax: PasswordHash.passwordOctetsMax)
        let cost = cost
        let (hash, keys) = try await hash("hash a password") {
            (try PasswordHash.create(password, cost: cost).rawValue, SCRAMKeys.create(password, cost: cost).text)
        }
        try await change("set a password") { transaction in
            let id = try Self.existing(address, transaction)
            try transaction.execute(
                "UPDATE account SET password_hash = ?, scram_keys = ? WHERE account_id = ?", .text(hash), .text(keys),
                .integer(id.rawValue))
        }
    }

    /// Closes an account for logins with a reason, or opens it with nil. Its mail is taken all the while.
    public func setDisabled(_ address: EmailAddress, reason: String?) async throws(DirectoryError) {
        try await change("disable an account") { transaction in
            let id = try Self.existing(address, transaction)
            try transaction.execute(
                "UPDATE account SET disabled_reason = ? WHERE account_id = ?", .optional(reason), .integer(id.rawValue))
        }
    }

    /// Removes an account, every alias target that names it, and with `removing` its state elsewhere: its mail.
    ///
    /// - Returns: the aliases that lost a target.
    /// - Throws: `noSuchAccount`.
    @discardableResult
    public func removeAccount(
        _ address: EmailAddress, removing: @escaping AccountHook
    ) async throws(DirectoryError) -> [EmailAddress] {
        try await change("remove an account") { transaction in
            let id = try Self.existing(address, transaction)
            let domain = try Self.domainID(Self.lowered(address).domain, transaction) ?? 0
            try removing(id, DomainID(rawValue: domain), transaction)
            let target = "\(Self.lowered(address))"
            let aliases = try transaction.all(
                """
                SELECT local_part, name FROM alias JOIN domain USING (domain_id) WHERE target = ? ORDER BY name, local_part
                """, .text(target)
            ) { EmailAddress(localPart: $0.text(0), domain: $0.text(1)) }
            try transaction.execute("DELETE FROM alias WHERE target = ?", .text(target))
            try Self.removeRouting(of: id, named: target, transaction)
            try transaction.execute("DELETE FROM account WHERE account_id = ?", .integer(id.rawValue))
            return aliases
        }
    }

    /// The account with exactly this address (tags and aliases do not count), or nil.
    public func account(_ address: EmailAddress) async throws(DirectoryError) -> AccountRow? {
        let key = Self.lowered(address)
        return try await read("find an account") { connection in
            try connection.first(
                """
                SELECT account_id, disabled_reason, account.created_at FROM account JOIN domain USING (domain_id)
                WHERE domain.name = ? AND account.local_part = ?
                """, .text(key.domain), .text(key.localPart)
            ) {
                AccountRow(
                    account: Account(id: AccountID(rawValue: $0.integer(0)), address: key),
                    disabledReason: $0.optionalText(1), createdAt: $0.integer(2))
            }
        }
    }

    /// The addresses of accounts by their numbers; those that are gone are left out.
    public func addresses(of accounts: Set<AccountID>) async throws(DirectoryError) -> [AccountID: EmailAddress] {
        try await read("name accounts") { connection in
            var addresses: [AccountID: EmailAddress] = [:]
            for account in accounts {
                addresses[account] = try connection.first(
                    "SELECT local_part, name FROM account JOIN domain USING (domain_id) WHERE account_id = ?",
                    .integer(account.rawValue)
                ) { EmailAddress(localPart: $0.text(0), domain: $0.text(1)) }
            }
            return addresses
        }
    }

    /// Accounts by domain and name, `limit` (at most 1,000) at a time.
    ///
    /// - Parameters:
    ///   - domain: only of this one; nil: of all.
    ///   - after: the last address of the page before.
    /// - Throws: `noSuchDomain`.
    public func accounts(
        domain: String? = nil, after: EmailAddress? = nil, limit: Int = 1_000
    ) async throws(DirectoryError) -> [AccountRow] {
        let limit = min(max(0, limit), 1_000)
        return try await read("list the accounts") { connection in
            var rows: [AccountRow] = []
            for (id, name) in try Self.domains(domain, from: after?.domain, connection) where rows.count < limit {
                try connection.query(
                    """
                    SELECT account_id, local_part, disabled_reason, created_at FROM account
                    WHERE domain_id = ? AND local_part > ? ORDER BY local_part LIMIT ?
                    """, .integer(id), .text(after?.domain == name ? after?.localPart ?? "" : ""),
                    .integer(limit - rows.count)
                ) {
                    rows.append(
                        AccountRow(
                            account: Account(
                                id: AccountID(rawValue: $0.integer(0)),
                                address: EmailAddress(localPart: $0.text(1), domain: name)),
                            disabledReason: $0.optionalText(2), createdAt: $0.integer(3)))
                }
            }
            return rows
        }
    }

    /// The domains to list, by name: one, or all from `first` on.
    static func domains(
        _ only: String?, from first: String?, _ connection: ReadConnection
    ) throws -> [(id: Int64, name: String)] {
        guard let only else {
            return try connection.all(
                "SELECT domain_id, name FROM domain WHERE name >= ? ORDER BY name", .text(first ?? "")
            ) { ($0.integer(0), $0.text(1)) }
        }
        let name = only.lowercased()
        guard let id = try domainID(name, connection) else { throw DirectoryError.noSuchDomain(name) }
        return [(id, name)]
    }

    static func lowered(_ address: EmailAddress) -> EmailAddress {
        EmailAddress(localPart: address.localPart.lowercased(), domain: address.domain)
    }

    static func existing(_ address: EmailAddress, _ connection: ReadConnection) throws -> AccountID {
        let key = lowered(address)
        guard let domain = try domainID(key.domain, connection),
            let id = try accountID(domain, key.localPart, connection)
        else { throw DirectoryError.noSuchAccount("\(key)") }
        return id
    }
}
