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

    /// May this account send with this address? Its own, with any tag, every alias that leads to it but those to which only
    /// members may write, and what it was granted.
    public func maySend(as address: EmailAddress, account: AccountID) async throws(DirectoryError) -> Bool {
        if try await leads(address, to: account, throughLists: false) { return true }
        return try await isGranted(address, to: account)
    }

    /// Is this account one of those to whom a list sends?
    public func isMember(_ account: AccountID, of targets: [EmailAddress]) async throws(DirectoryError) -> Bool {
        for target in targets where try await leads(target, to: account, throughLists: true) { return true }
        return false
    }

    private func leads(
        _ address: EmailAddress, to account: AccountID, throughLists: Bool
    ) async throws(DirectoryError) -> Bool {
        var waiting = [address]
        var seen: Set<EmailAddress> = []
        // Aliases that lead to aliases: as far as anybody goes, and no loop without end.
        while let next = waiting.popLast(), seen.count < 200 {
            guard seen.insert(next).inserted else { continue }
            switch try await resolve(next) {
            // Where an account sends its mail on to does not make it another's.
            case .account(let id, _), .forwarding(let id, _, _, _): if id == account { return true }
            case .forward(let targets): waiting += targets
            case .membersOnly(let targets): if throughLists { waiting += targets }
            case .refused, .unknownMailbox, .notLocal: break
            }
        }
        return false
    }

    static func lookUp(_ key: EmailAddress, _ connection: ReadConnection) throws -> Resolution {
        guard let named = try domainID(key.domain, connection) else { return .notLocal }
        let other = try aliasTarget(named, connection)
        let domain = other?.id ?? named
        let domainName = other?.name ?? key.domain
        var names = [key.localPart]
        if let plus = key.localPart.firstIndex(of: "+"), plus > key.localPart.startIndex {
            names.append(String(key.localPart[..<plus]))
        }
        for name in names {
            if let id = try accountID(domain, name, connection) {
                return try route(id, EmailAddress(localPart: name, domain: domainName), connection)
            }
            let targets = try targets(domain, name, connection)
            if !targets.isEmpty {
                return try isMembersOnly(domain, name, connection) ? .membersOnly(targets) : .forward(targets)
            }
        }
        if let name = names.last, name == "postmaster" || name == "abuse" {
            // RFC 5321 §4.5.1: postmaster always, so that neither a refusal nor a forward stands in the way.
            if let account = try keeper(domain, connection) { return .account(account.id, account.address) }
        }
        let catchAll = try targets(domain, "", connection)
        return catchAll.isEmpty ? .unknownMailbox : .forward(catchAll)
    }

    /// What becomes of mail to an account.
    private static func route(
        _ id: AccountID, _ address: EmailAddress, _ connection: ReadConnection
    ) throws -> Resolution {
        let reason = try connection.first(
            "SELECT reason FROM mail_refused WHERE account_id = ?", .integer(id.rawValue)
        ) { $0.text(0) }
        if let reason, address.localPart != "postmaster" { return .refused(address, reason: reason) }
        let forwards = try connection.all(
            "SELECT target, keeps_copy FROM account_forward WHERE account_id = ? ORDER BY target",
            .integer(id.rawValue)
        ) { (EmailAddress($0.text(0)), $0.boolean(1)) }
        let targets = forwards.compactMap(\.0)
        guard let keepsCopy = forwards.first?.1, !targets.isEmpty else { return .account(id, address) }
        return .forwarding(id, address, targets: targets, keepsCopy: keepsCopy)
    }

    private static func isMembersOnly(
        _ domain: Int64, _ localPart: String, _ connection: ReadConnection
    ) throws -> Bool {
        try connection.integer(
            "SELECT 1 FROM members_only WHERE domain_id = ? AND local_part = ?", .integer(domain), .text(localPart))
            != nil
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
