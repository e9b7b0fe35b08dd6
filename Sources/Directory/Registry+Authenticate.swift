import MailCore
import MailCrypto
import SQLite

extension Registry {
    struct Login: Sendable {
        var account: Account
        var hash: PasswordHash
        var scramKeys: SCRAMKeys?
        var disabledReason: String?
    }

    /// Is this the password of the account whose whole address is `login`?
    ///
    /// A name that does not exist costs the same time as one that does. What was right is remembered for 60 s, until
    /// any account changes.
    ///
    /// - Throws: `busy` when too many logins wait for a hash; `storage`.
    public func authenticate(login: String, password: String) async throws(DirectoryError) -> Authentication {
        let name = login.lowercased()
        let digest = logins.digest(login: name, password: password)
        if let account = logins.account(digest) { return .ok(account) }
        let generation = logins.generation
        guard let found = try await findLogin(name) else {
            let cost = cost
            try await hash("verify a password") { PasswordHash.verifyDummy(password, cost: cost) }
            return .wrong
        }
        guard try await hash("verify a password", { found.hash.verify(password) }) else { return .wrong }
        if let reason = found.disabledReason { return .disabled(reason: reason) }
        if found.scramKeys == nil { await addKeys(password, to: found) }
        logins.keep(found.account, digest, generation: generation)
        return .ok(found.account)
    }

    func findLogin(_ name: String) async throws(DirectoryError) -> Login? {
        guard let address = EmailAddress(name) else { return nil }
        return try await read("find a login") { connection in
            try connection.first(
                """
                SELECT account_id, password_hash, disabled_reason, scram_keys FROM account JOIN domain USING (domain_id)
                WHERE domain.name = ? AND account.local_part = ?
                """, .text(address.domain), .text(address.localPart)
            ) {
                Login(
                    account: Account(id: AccountID(rawValue: $0.integer(0)), address: address),
                    hash: PasswordHash(rawValue: $0.text(1)),
                    scramKeys: $0.optionalText(3).flatMap { SCRAMKeys(text: $0) }, disabledReason: $0.optionalText(2))
            }
        }
    }
}
