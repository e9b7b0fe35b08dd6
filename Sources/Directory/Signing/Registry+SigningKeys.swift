public import MailCrypto
import SQLite

extension Registry {
    /// Keys of one domain, old ones included.
    public static let signingKeysMax = 40

    /// The keys that sign a domain's mail now, an RSA key first; none for a domain that is not ours or has no keys.
    public func activeSigningKeys(of domain: String) async throws(DirectoryError) -> [SigningKeyRow] {
        let domain = domain.lowercased()
        if let known = signingKeys.keys(of: domain) { return known }
        let generation = signingKeys.generation
        let keys = try await signingKeys(of: domain).filter { $0.state == .signing }
            .sorted { $0.key.kind == .rsa && $1.key.kind != .rsa }
        signingKeys.keep(keys, of: domain, generation: generation)
        return keys
    }

    /// All keys, or those of one domain, of hosted domains only: by domain and age.
    public func signingKeys(of domain: String? = nil) async throws(DirectoryError) -> [SigningKeyRow] {
        try await read("read signing keys") { connection in
            try connection.all(
                """
                SELECT k.domain, k.selector, k.pem, k.created_at, k.signs_since, k.retired_at
                FROM dkim_key AS k JOIN domain AS d ON d.name = k.domain
                WHERE ?1 IS NULL OR k.domain = ?1 ORDER BY k.domain, k.created_at, k.selector
                """, .optional(domain?.lowercased())
            ) { row in
                SigningKeyRow(
                    domain: row.text(0), selector: row.text(1), key: try SigningKey(pem: row.text(2)),
                    createdAt: row.integer(3), signsSince: row.optionalInteger(4), retiredAt: row.optionalInteger(5))
            }
        }
    }

    /// Keeps new keys of a domain. Those that sign at once take the place of those that do so far.
    ///
    /// - Parameter signsAtOnce: false: they wait for `startSigning`.
    /// - Throws: `noSuchDomain`, `limit`, `invalid` for a selector that is taken.
    public func addSigningKeys(
        _ keys: [(selector: String, key: SigningKey)], domain text: String, signsAtOnce: Bool
    ) async throws(DirectoryError) {
        let domain = try NameRules.domain(text)
        try await change("add signing keys") { transaction in
            guard try Self.domainID(domain, transaction) != nil else { throw DirectoryError.noSuchDomain(domain) }
            let count = try transaction.integer("SELECT count(*) FROM dkim_key WHERE domain = ?", .text(domain)) ?? 0
            guard count + Int64(keys.count) <= Self.signingKeysMax else {
                throw DirectoryError.limit("signing keys of a domain", max: Self.signingKeysMax)
            }
            let now = Self.unixSeconds()
            if signsAtOnce { try Self.retire(domain, at: now, transaction) }
            for (selector, key) in keys {
                let added = try transaction.execute(
                    "INSERT OR IGNORE INTO dkim_key VALUES (?, ?, ?, ?, ?, NULL)", .text(domain),
                    .text(selector.lowercased()), .text(try key.pem()), .integer(now),
                    .optional(signsAtOnce ? now : nil))
                guard added == 1 else {
                    throw DirectoryError.invalid(selector, reason: "is the selector of another key of \(domain)")
                }
            }
        }
    }

    /// The waiting keys of a domain sign from now on; those that did so far are retired.
    ///
    /// - Returns: how many sign now; 0 when none waited, and then nothing is changed.
    @discardableResult
    public func startSigning(_ text: String) async throws(DirectoryError) -> Int {
        let domain = text.lowercased()
        return try await change("start signing") { transaction in
            let now = Self.unixSeconds()
            let waiting = try transaction.integer(
                "SELECT count(*) FROM dkim_key WHERE domain = ? AND signs_since IS NULL AND retired_at IS NULL",
                .text(domain))
            guard let waiting, waiting > 0 else { return 0 }
            try Self.retire(domain, at: now, transaction)
            return try transaction.execute(
                "UPDATE dkim_key SET signs_since = ? WHERE domain = ? AND signs_since IS NULL AND retired_at IS NULL",
                .integer(now), .text(domain))
        }
    }

    /// Forgets keys that were retired before this time: their records need not be published any more.
    ///
    /// - Returns: the names of the records that can go.
    public func removeSigningKeys(retiredBefore time: Int64) async throws(DirectoryError) -> [String] {
        try await change("remove signing keys") { transaction in
            try transaction.all(
                "DELETE FROM dkim_key WHERE retired_at < ? RETURNING selector, domain", .integer(time)
            ) { "\($0.text(0))._domainkey.\($0.text(1))" }
        }
    }

    private static func retire(_ domain: String, at now: Int64, _ transaction: WriteTransaction) throws {
        try transaction.execute(
            "UPDATE dkim_key SET retired_at = ? WHERE domain = ? AND signs_since IS NOT NULL AND retired_at IS NULL",
            .integer(now), .text(domain))
    }

    /// Octets that nobody else knows, made when they are first asked for, and always the same after that.
    public func secret(_ name: String) async throws(DirectoryError) -> [UInt8] {
        try await change("read a secret") { transaction in
            let fresh = Random.octets(32)
            try transaction.execute("INSERT OR IGNORE INTO secret VALUES (?, ?)", .text(name), .blob(fresh))
            return try transaction.first("SELECT value FROM secret WHERE name = ?", .text(name)) { $0.octets(0) }
                ?? fresh
        }
    }
}
