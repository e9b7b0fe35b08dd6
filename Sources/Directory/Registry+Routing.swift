public import MailCore
import SQLite

/// Where an account's mail goes besides its mailbox, and as whom it may send.
public struct AccountRouting: Equatable, Sendable {
    public var forwards: [EmailAddress] = []
    /// With forwards: its mailbox gets the mail, too.
    public var keepsCopy = true
    /// Set while mail to it is refused: strangers are told this.
    public var refusalReason: String?
    /// Addresses, and "@domain" with an empty local part.
    public var sendAs: [EmailAddress] = []
}

extension Registry {
    /// Forwards of one account, and addresses that it may send as.
    public static let forwardsMax = 100
    public static let grantsMax = 1_000

    /// - Throws: `noSuchAccount`.
    public func routing(of address: EmailAddress) async throws(DirectoryError) -> AccountRouting {
        try await read("show where mail goes") { connection in
            let id = Value.integer(try Self.existing(address, connection).rawValue)
            var routing = AccountRouting()
            try connection.query(
                "SELECT target, keeps_copy FROM account_forward WHERE account_id = ? ORDER BY target", id
            ) { row in
                if let target = EmailAddress(row.text(0)) { routing.forwards.append(target) }
                routing.keepsCopy = row.boolean(1)
            }
            routing.refusalReason = try connection.first("SELECT reason FROM mail_refused WHERE account_id = ?", id) {
                $0.text(0)
            }
            routing.sendAs = try connection.all(
                "SELECT address FROM send_as WHERE account_id = ? ORDER BY address", id
            ) { Self.granted($0.text(0)) }.compactMap { $0 }
            return routing
        }
    }

    /// Sends an account's mail to others from now on, in place of those before; to nobody with an empty list.
    ///
    /// - Throws: `noSuchAccount`; `limit`; `invalid` when it would send its mail to itself.
    public func setForwards(
        of address: EmailAddress, to targets: [EmailAddress], keepsCopy: Bool
    ) async throws(DirectoryError) {
        let key = Self.lowered(address)
        guard targets.count <= Self.forwardsMax else {
            throw .limit("targets for the mail of one mailbox", max: Self.forwardsMax)
        }
        guard !targets.contains(where: { Self.lowered($0) == key }) else {
            throw .invalid("\(key)", reason: "cannot be where its own mail is sent on to; keep a copy instead")
        }
        try await change("forward mail") { transaction in
            let id = try Self.existing(key, transaction)
            try transaction.execute("DELETE FROM account_forward WHERE account_id = ?", .integer(id.rawValue))
            for target in targets {
                let isOurs = try Self.domainID(target.domain, transaction) != nil
                try transaction.execute(
                    "INSERT OR IGNORE INTO account_forward VALUES (?, ?, ?)", .integer(id.rawValue),
                    .text("\(isOurs ? Self.lowered(target) : target)"), .integer(keepsCopy ? 1 : 0))
            }
        }
    }

    /// Refuses mail to an account with a reason that strangers are told, or takes it again with nil.
    ///
    /// - Throws: `noSuchAccount`.
    public func setMailRefused(_ address: EmailAddress, reason: String?) async throws(DirectoryError) {
        try await change("refuse mail") { transaction in
            let id = try Self.existing(address, transaction)
            try transaction.execute("DELETE FROM mail_refused WHERE account_id = ?", .integer(id.rawValue))
            guard let reason else { return }
            try transaction.execute(
                "INSERT INTO mail_refused VALUES (?, ?)", .integer(id.rawValue), .text(reason))
        }
    }

    /// Lets an account send as others: an address, or all of a domain by an empty local part.
    ///
    /// - Throws: `noSuchAccount`; `limit`.
    public func grantSendAs(_ addresses: [EmailAddress], to account: EmailAddress) async throws(DirectoryError) {
        try await change("grant an address") { transaction in
            let id = try Self.existing(account, transaction)
            for address in addresses {
                try transaction.execute(
                    "INSERT OR IGNORE INTO send_as VALUES (?, ?)", .integer(id.rawValue),
                    .text(Self.shown(Self.lowered(address))))
            }
            let count = try transaction.integer(
                "SELECT count(*) FROM send_as WHERE account_id = ?", .integer(id.rawValue))
            guard count ?? 0 <= Self.grantsMax else {
                throw DirectoryError.limit("addresses that one mailbox may send as", max: Self.grantsMax)
            }
        }
    }

    /// - Returns: how many of them it had.
    /// - Throws: `noSuchAccount`.
    public func revokeSendAs(_ addresses: [EmailAddress], from account: EmailAddress) async throws(DirectoryError)
        -> Int
    {
        try await change("revoke an address") { transaction in
            let id = try Self.existing(account, transaction)
            return try addresses.reduce(0) { sum, address in
                sum
                    + (try transaction.execute(
                        "DELETE FROM send_as WHERE account_id = ? AND address = ?", .integer(id.rawValue),
                        .text(Self.shown(Self.lowered(address)))))
            }
        }
    }

    /// Was it granted by its address, without its tag too, or by its domain?
    func isGranted(_ address: EmailAddress, to account: AccountID) async throws(DirectoryError) -> Bool {
        let key = Self.lowered(address)
        var plain = key
        if let plus = key.localPart.firstIndex(of: "+"), plus > key.localPart.startIndex {
            plain.localPart = String(key.localPart[..<plus])
        }
        return try await read("look for a grant") { [plain] connection in
            try connection.integer(
                "SELECT 1 FROM send_as WHERE account_id = ? AND address IN (?, ?, ?)", .integer(account.rawValue),
                .text("\(key)"), .text("\(plain)"), .text("@\(key.domain)")) != nil
        }
    }

    static func removeRouting(of id: AccountID, named target: String, _ transaction: WriteTransaction) throws {
        try transaction.execute(
            "DELETE FROM account_forward WHERE account_id = ? OR target = ?", .integer(id.rawValue), .text(target))
        try transaction.execute("DELETE FROM mail_refused WHERE account_id = ?", .integer(id.rawValue))
        try transaction.execute("DELETE FROM send_as WHERE account_id = ?", .integer(id.rawValue))
        try transaction.execute("DELETE FROM sent_hour WHERE account_id = ?", .integer(id.rawValue))
        try transaction.execute("DELETE FROM correspondent WHERE account_id = ?", .integer(id.rawValue))
    }

    private static func granted(_ text: String) -> EmailAddress? {
        text.hasPrefix("@") ? EmailAddress(localPart: "", domain: String(text.dropFirst())) : EmailAddress(text)
    }
}
