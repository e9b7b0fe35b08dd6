public import MailCore
import SQLite

extension Registry {
    /// Where mail to `address` goes. Local parts are compared without regard to case; "name+tag" is "name" unless it is
    /// an address of its own (RFC 5233's subaddress); postmaster@ and abuse@ of our domains always exist
    /// (RFC 5321 §4.5.1, RFC 2142 §4).
    public func resolve(_ address: EmailAddress) async throws(DirectoryError) -> Resolution {
        let key = EmailAddress(localPart: address.localPart.lowercased(), domain: address.domain)
        if let known = resolutions.answer(to: key) { return known }
        guard try await isLocal(domain: key.domain) else { return .notLocal }
        let generation = resolutions.generation
        let answer = try await read("resolve an address") { try Self.lookUp(key, $0) }
        resolutions.keep(answer, to: key, generation: generation)
        return answer
    }

    /// RFC 5321 §4.5.1: "postmaster" without a domain is an address, too.
    public func resolvePostmaster() async throws(DirectoryError) -> Resolution {
        let name = try await read("find the first domain") {
            try $0.first("SELECT name FROM domain ORDER BY domain_id LIMIT 1") { $0.text(0) }
        }
        guard let name else { return .notLocal }
        return try await resolve(EmailAddress(localPart: "postmaster", domain: name))
    }

    public func isLocal(domain: String) async throws(DirectoryError) -> Bool {
        let name = domain.lowercased()
        if let known = resolutions.domains { return known.contains(name) }
        let generation = resolutions.generation
        let names = try await read("list the domains") { connection in
            Set(try connection.all("SELECT name FROM domain") { $0.text(0) })
        }
        resolutions.keep(domains: names, generation: generation)
        return names.contains(name)
    }

    /// May this account send with this address? Its own, with any tag, and every alias that leads to it.
    public func maySend(as address: EmailAddress, account: AccountID) async throws(DirectoryError) -> Bool {
        var waiting = [address]
        var seen: Set<EmailAddress> = []
        // Aliases that lead to aliases: as far as anybody goes, and no loop without end.
        while let next = waiting.popLast(), seen.count < 200 {
            guard seen.insert(next).inserted else { continue }
            switch try await resolve(next) {
            case .account(let id, _): if id == account { return true }
            case .forward(let targets): waiting += targets
            case .unknownMailbox, .notLocal: break
            }
        }
        return false
    }

    static func lookUp(_ key: EmailAddress, _ connection: ReadConnection) throws -> Resolution {
        guard let domain = try domainID(key.domain, connection) else { return .notLocal }
        var names = [key.localPart]
        if let plus = key.localPart.firstIndex(of: "+"), plus > key.localPart.startIndex {
            names.append(String(key.localPart[..<plus]))
        }
        for name in names {
            if let id = try accountID(domain, name, connection) {
                return .account(id, EmailAddress(localPart: name, domain: key.domain))
            }
            let targets = try targets(domain, name, connection)
            if !targets.isEmpty { return .forward(targets) }
        }
        if let name = names.last, name == "postmaster" || name == "abuse" {
            if let account = try keeper(domain, connection) { return .account(account.id, account.address) }
        }
        let catchAll = try targets(domain, "", connection)
        return catchAll.isEmpty ? .unknownMailbox : .forward(catchAll)
    }

    static func domainID(_ name: String, _ connection: ReadConnection) throws -> Int64? {
        try connection.integer("SELECT domain_id FROM domain WHERE name = ?", .text(name))
    }

    static func accountID(_ domain: Int64, _ localPart: String, _ connection: ReadConnection) throws -> AccountID? {
        try connection.integer(
            "SELECT account_id FROM account WHERE domain_id = ? AND local_part = ?", .integer(domain), .text(localPart)
        ).map(AccountID.init)
    }

    static func targets(_ domain: Int64, _ localPart: String, _ connection: ReadConnection) throws -> [EmailAddress] {
        try connection.all(
            "SELECT target FROM alias WHERE domain_id = ? AND local_part = ? ORDER BY target", .integer(domain),
            .text(localPart)
        ) { EmailAddress($0.text(0)) }.compactMap { $0 }
    }

    /// Who gets the mail of postmaster@ and abuse@ where nobody was named: the oldest account of the domain, else of
    /// the server.
    private static func keeper(_ domain: Int64, _ connection: ReadConnection) throws -> Account? {
        try connection.first(
            """
            SELECT account_id, local_part, name FROM account JOIN domain USING (domain_id)
            WHERE account_id = coalesce(
              (SELECT min(account_id) FROM account WHERE domain_id = ?), (SELECT min(account_id) FROM account))
            """, .integer(domain)
        ) {
            Account(
                id: AccountID(rawValue: $0.integer(0)),
                address: EmailAddress(localPart: $0.text(1), domain: $0.text(2)))
        }
    }
}
