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
            guard try Self.domainID(name, transaction) == nil else { throw DirectoryError.domainExists(name) }
            guard try transaction.integer("SELECT count(*) FROM domain") ?? 0 < Self.domainsMax else {
                throw DirectoryError.limit("domains", max: Self.domainsMax)
            }
            try transaction.execute(
                "INSERT INTO domain (name, created_at) VALUES (?, ?)", .text(name), .integer(Self.unixSeconds()))
            guard let postmaster else { return }
            let id = transaction.lastInsertedID
            for localPart in ["postmaster", "abuse"]
            where postmaster != EmailAddress(localPart: localPart, domain: name) {
                try transaction.execute(
                    "INSERT INTO alias (domain_id, local_part, target) VALUES (?, ?, ?)", .integer(id),
                    .text(localPart),
                    .text("\(postmaster)"))
            }
        }
    }

    /// Removes a domain and its aliases. Mail to it is then somebody else's.
    ///
    /// - Throws: `noSuchDomain`; `domainInUse` while it has accounts, since their mail would go with it.
    public func removeDomain(_ text: String) async throws(DirectoryError) {
        let name = try NameRules.domain(text)
        try await change("remove a domain") { transaction in
            guard let id = try Self.domainID(name, transaction) else { throw DirectoryError.noSuchDomain(name) }
            let accounts =
                try transaction.integer("SELECT count(*) FROM account WHERE domain_id = ?", .integer(id)) ?? 0
            guard accounts == 0 else { throw DirectoryError.domainInUse(name, accounts: Int(accounts)) }
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
                  (SELECT count(DISTINCT local_part) FROM alias WHERE alias.domain_id = domain.domain_id)
                FROM domain ORDER BY name
                """
            ) {
                DomainRow(
                    name: $0.text(0), accounts: Int($0.integer(2)), aliases: Int($0.integer(3)),
                    createdAt: $0.integer(1))
            }
        }
    }
}
