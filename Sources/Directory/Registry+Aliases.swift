public import MailCore
import SQLite

/// What an administrator should know of an alias that was added.
public enum AliasWarning: Equatable, Sendable {
    /// The target is in one of our domains and does not exist: mail to it bounces.
    case noSuchTarget(EmailAddress)
    /// The target leads back to the alias: mail to it goes nowhere by this way.
    case loop(EmailAddress)
}

extension Registry {
    /// Targets of one alias.
    public static let targetsMax = 1_000

    /// Adds targets to an alias, which is made when it is not there.
    ///
    /// - Parameter isMembersOnly: only its targets may write to it, or anyone; nil leaves it as it is.
    /// - Returns: what is odd about it; it was added all the same.
    /// - Throws: `noSuchDomain`, `domainIsAlias`; `addressTaken` by a mailbox; `limit`; `invalid`.
    public func addAlias(
        _ address: EmailAddress, targets: [EmailAddress], isMembersOnly: Bool? = nil
    ) async throws(DirectoryError) -> [AliasWarning] {
        let key = Self.lowered(address)
        return try await change("add an alias") { transaction in
            let domain = try Self.ownDomain(key.domain, transaction)
            guard try Self.accountID(domain, key.localPart, transaction) == nil else {
                throw DirectoryError.addressTaken("\(key)", by: "a mailbox")
            }
            var stored: [EmailAddress] = []
            for target in targets {
                // Ours are compared without case, so that a removed mailbox takes its targets along.
                let isOurs = try Self.domainID(target.domain, transaction) != nil
                let target = isOurs ? Self.lowered(target) : target
                stored.append(target)
                try transaction.execute(
                    "INSERT OR IGNORE INTO alias (domain_id, local_part, target) VALUES (?, ?, ?)", .integer(domain),
                    .text(key.localPart), .text("\(target)"))
            }
            guard try Self.targets(domain, key.localPart, transaction).count <= Self.targetsMax else {
                throw DirectoryError.limit("targets for one alias", max: Self.targetsMax)
            }
            if let isMembersOnly {
                try Self.setMembersOnly(isMembersOnly, domain, key.localPart, transaction)
            }
            return try stored.compactMap { try Self.warning(key, $0, transaction) }
        }
    }

    /// Says who may write to an alias: only its targets, or anyone.
    ///
    /// - Throws: `noSuchAlias`.
    public func setMembersOnly(_ address: EmailAddress, _ isMembersOnly: Bool) async throws(DirectoryError) {
        let key = Self.lowered(address)
        try await change("say who may write to an alias") { transaction in
            guard let domain = try Self.domainID(key.domain, transaction),
                try !Self.targets(domain, key.localPart, transaction).isEmpty
            else { throw DirectoryError.noSuchAlias(Self.shown(key)) }
            try Self.setMembersOnly(isMembersOnly, domain, key.localPart, transaction)
        }
    }

    private static func setMembersOnly(
        _ isMembersOnly: Bool, _ domain: Int64, _ localPart: String, _ transaction: WriteTransaction
    ) throws {
        try transaction.execute(
            isMembersOnly
                ? "INSERT OR IGNORE INTO members_only VALUES (?, ?)"
                : "DELETE FROM members_only WHERE domain_id = ? AND local_part = ?", .integer(domain), .text(localPart))
    }

    /// Removes one target, or the whole alias.
    ///
    /// - Returns: how many targets were removed.
    /// - Throws: `noSuchAlias`, also when it has no such target.
    @discardableResult
    public func removeAlias(_ address: EmailAddress, target: EmailAddress? = nil) async throws(DirectoryError) -> Int {
        let key = Self.lowered(address)
        return try await change("remove an alias") { transaction in
            let removed = try transaction.execute(
                """
                DELETE FROM alias WHERE domain_id = (SELECT domain_id FROM domain WHERE name = ?1) AND local_part = ?2
                  AND (?3 IS NULL OR target = ?3 COLLATE NOCASE)
                """, .text(key.domain), .text(key.localPart), .optional(target.map { "\($0)" }))
            guard removed > 0 else { throw DirectoryError.noSuchAlias(Self.shown(key)) }
            // A new alias of that name is anyone's to write to.
            try transaction.execute(
                """
                DELETE FROM members_only WHERE NOT EXISTS (SELECT 1 FROM alias
                  WHERE alias.domain_id = members_only.domain_id AND alias.local_part = members_only.local_part)
                """)
            return removed
        }
    }

    /// Aliases by domain and name, a row a target, at most 1,000 a page.
    public func aliases(
        domain: String? = nil, after: AliasRow? = nil, limit: Int = 1_000
    ) async throws(DirectoryError) -> [AliasRow] {
        let limit = min(max(0, limit), 1_000)
        return try await read("list the aliases") { connection in
            var rows: [AliasRow] = []
            for (id, name) in try Self.domains(domain, from: after?.address.domain, connection) where rows.count < limit
            {
                let isBegun = after?.address.domain == name
                try connection.query(
                    """
                    SELECT local_part, target, EXISTS (SELECT 1 FROM members_only
                      WHERE members_only.domain_id = alias.domain_id AND members_only.local_part = alias.local_part)
                    FROM alias WHERE domain_id = ? AND (local_part, target) > (?, ?) ORDER BY local_part, target LIMIT ?
                    """, .integer(id), .text(isBegun ? after?.address.localPart ?? "" : ""),
                    .text(isBegun ? after.map { "\($0.target)" } ?? "" : ""), .integer(limit - rows.count)
                ) { row in
                    guard let target = EmailAddress(row.text(1)) else { return }
                    rows.append(
                        AliasRow(
                            address: EmailAddress(localPart: row.text(0), domain: name), target: target,
                            isMembersOnly: row.boolean(2)))
                }
            }
            return rows
        }
    }

    /// "@domain" for the catch-all, which has no local part.
    public static func shown(_ alias: EmailAddress) -> String {
        alias.localPart.isEmpty ? "@\(alias.domain)" : "\(alias)"
    }

    private static func warning(
        _ alias: EmailAddress, _ target: EmailAddress, _ connection: ReadConnection
    ) throws -> AliasWarning? {
        switch try lookUp(target, connection) {
        case .notLocal, .account, .forwarding, .refused: return nil
        case .unknownMailbox: return .noSuchTarget(target)
        case .forward, .membersOnly: return try leads(from: target, to: alias, connection) ? .loop(target) : nil
        }
    }

    private static func leads(
        from start: EmailAddress, to end: EmailAddress, _ connection: ReadConnection
    ) throws -> Bool {
        let ends = try lookUp(end, connection)
        var waiting = [start]
        var seen: Set<EmailAddress> = []
        while let next = waiting.popLast(), seen.count < 1_000 {
            guard seen.insert(next).inserted else { continue }
            let found = try lookUp(lowered(next), connection)
            switch found {
            case .forward(let targets), .membersOnly(let targets):
                // The same targets: `end` itself, a tag of it, or what its catch-all catches.
                if next == end || found == ends { return true }
                waiting += targets
            case .account, .forwarding, .refused, .unknownMailbox, .notLocal: continue
            }
        }
        return false
    }
}
