public import MailCore
import SQLite

extension Registry {
    /// Hosted domains on one server.
    public static let domainsMax = 100_000

    /// - Parameter postmaster: gets the mail of postmaster@ and abuse@; nil: the domain's oldest account does.
    /// - Throws: `domainExists`, `invalid`, `limit`.
    public func addDomain(_ text: String, postmaster: EmailAddress? = nil) async throws(DirectoryError) {
        let name = try NameRules.domain(text)
        try await change("add a domain") { transaction in
            let id = try Self.insertDomain(name, transaction)
            guard let postmaster else { return }
            for localPart in ["postmaster", "abuse"]
            where postmaster != EmailAddress(localPart: localPart, domain: name) {
                try transaction.execute(
                    "INSERT INTO alias (domain_id, local_part, target) VALUES (?, ?, ?)", .integer(id),
                    .text(localPart),
                    .text("\(postmaster)"))
            }
        }
    }

    /// Adds a domain that has the addresses of another one, those to come too, and none of its own.
    ///
    /// - Throws: `domainExists`, `noSuchDomain`, `domainIsAlias` when the other one is such a domain itself, `invalid`,
    ///   `limit`.
    public func addDomain(_ text: String, aliasOf other: String) async throws(DirectoryError) {
        let name = try NameRules.domain(text)
        let target = try NameRules.domain(other)
        try await change("add a domain") { transaction in
            let targetID = try Self.ownDomain(target, transaction)
            let id = try Self.insertDomain(name, transaction)
            try transaction.execute("INSERT INTO domain_alias VALUES (?, ?)", .integer(id), .integer(targetID))
        }
    }

    private static func insertDomain(_ name: String, _ transaction: WriteTransaction) throws -> Int64 {
        guard try domainID(name, transaction) == nil else { throw DirectoryError.domainExists(name) }
        guard try transaction.integer("SELECT count(*) FROM domain") ?? 0 < domainsMax else {
            throw DirectoryError.limit("domains", max: domainsMax)
        }
        try transaction.execute(
            "INSERT INTO domain (name, created_at) VALUES (?, ?)", .text(name), .integer(unixSeconds()))
        return transaction.lastInsertedID
    }

    /// The number of a domain in which addresses can be made.
    static func ownDomain(_ name: String, _ connection: ReadConnection) throws -> Int64 {
        guard let id = try domainID(name, connection) else { throw DirectoryError.noSuchDomain(name) }
        if let other = try aliasTarget(id, connection) { throw DirectoryError.domainIsAlias(name, of: other.name) }
        return id
    }

    /// The domain whose addresses this one has; nil for one with its own.
    static func aliasTarget(_ id: Int64, _ connection: ReadConnection) throws -> (id: Int64, name: String)? {
        try connection.first(
            """
            SELECT domain.domain_id, name FROM domain_alias JOIN domain ON domain.domain_id = target_id
            WHERE domain_alias.domain_id = ?
            """, .integer(id)
        ) { ($0.integer(0), $0.text(1)) }
    }

    /// Removes a domain and its aliases. Mail to it is then somebody else's.
    ///
    /// - Throws: `noSuchDomain`; `domainInUse` while it has accounts, since their mail would go with it;
    ///   `domainHasAliases` while others have its addresses.
    public func removeDomain(_ text: String) async throws(DirectoryError) {
        let name = try NameRules.domain(text)
        try await change("remove a domain") { transaction in
            guard let id = try Self.domainID(name, transaction) else { throw DirectoryError.noSuchDomain(name) }
            let accounts =
                try transaction.integer("SELECT count(*) FROM account WHERE domain_id = ?", .integer(id)) ?? 0
            guard accounts == 0 else { throw DirectoryError.domainInUse(name, accounts: Int(accounts)) }
            let aliases = try transaction.all(
                """
                SELECT name FROM domain_alias JOIN domain USING (domain_id) WHERE target_id = ? ORDER BY name LIMIT 10
                """, .integer(id)
            ) { $0.text(0) }
            guard aliases.isEmpty else { throw DirectoryError.domainHasAliases(name, aliases) }
            try transaction.execute("DELETE FROM domain_alias WHERE domain_id = ?", .integer(id))
            try transaction.execute("DELETE FROM members_only WHERE domain_id = ?", .integer(id))
            try transaction.execute("DELETE FROM alias WHERE domain_id = ?", .integer(id))
            try transaction.execute("DELETE FROM domain WHERE domain_id = ?", .integer(id))
        }
    }

    /// The number of a hosted domain.
    ///
    /// - Throws: `noSuchDomain`.
    public func domain(_ text: String) async throws(DirectoryError) -> DomainID {
        let name = try NameRules.domain(text)
        return try await read("find a domain") { connection in
            guard let id = try Self.domainID(name, connection) else { throw DirectoryError.noSuchDomain(name) }
            return DomainID(rawValue: id)
        }
    }

    /// All domains by name.
    public func domains() async throws(DirectoryError) -> [DomainRow] {
        try await read("list the domains") { connection in
            try connection.all(
                """
                SELECT name, created_at,
                  (SELECT count(*) FROM account WHERE account.domain_id = domain.domain_id),
                  (SELECT count(DISTINCT local_part) FROM alias WHERE alias.domain_id = domain.domain_id),
                  (SELECT other.name FROM domain_alias JOIN domain AS other ON other.domain_id = target_id
                    WHERE domain_alias.domain_id = domain.domain_id)
                FROM domain ORDER BY name
                """
            ) {
                DomainRow(
                    name: $0.text(0), aliasOf: $0.optionalText(4), accounts: Int($0.integer(2)),
                    aliases: Int($0.integer(3)),
                    createdAt: $0.integer(1))
            }
        }
    }
}
