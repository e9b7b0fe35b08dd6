import MailCore
public import MailCrypto
import SQLite
import Synchronization

/// Logins by SCRAM-SHA-256 (RFC 7677): the keys are kept beside each password's hash.
///
/// Keys are made when a password is set. Accounts of a store that is older than that get theirs with the next login that
/// brings the password itself.
extension Registry {
    /// Can every account that may log in do so by SCRAM? As of the last change of any account; false before `learn`.
    ///
    /// Clients take the strongest mechanism that they know and do not fall back: one account without keys is reason
    /// enough not to offer it.
    public var offersSCRAM: Bool { scram.isForAll }

    /// Finds out what can be offered. Once, when a server starts.
    public func learn() async throws(DirectoryError) {
        let (isForAll, secret) = try await read("find out who can log in by SCRAM") { connection in
            (
                try Self.hasKeysForAll(connection),
                try connection.first("SELECT octets FROM directory_secret WHERE name = 'scram'") { $0.octets(0) }
            )
        }
        scram.isForAll = isForAll
        if let secret { scram.secret = secret }
    }

    /// Accounts that may log in and have no keys yet.
    public func accountsWithoutSCRAM() async throws(DirectoryError) -> Int {
        try await read("count accounts without SCRAM keys") { connection in
            Int(
                try connection.integer(
                    "SELECT count(*) FROM account WHERE scram_keys IS NULL AND disabled_reason IS NULL") ?? 0)
        }
    }

    /// What to check a client's proof against. A name without keys gets such as no password fits, always the same, in the
    /// same time.
    ///
    /// - Throws: `busy`, `storage`.
    public func scramKeys(login: String) async throws(DirectoryError) -> SCRAMKeys {
        let name = login.lowercased()
        let pretended = SCRAMKeys.pretended(for: name, secret: scram.secret, cost: cost)
        return try await findLogin(name)?.scramKeys ?? pretended
    }

    /// Whose login this is.
    ///
    /// - Parameters:
    ///   - keys: what `scramKeys` gave. A password that was changed since makes the proof worthless.
    ///   - isProven: whether the client's proof was right.
    /// - Throws: `busy`, `storage`.
    public func authenticate(
        login: String, keys: SCRAMKeys, isProven: Bool
    ) async throws(DirectoryError) -> Authentication {
        guard isProven, let found = try await findLogin(login.lowercased()), found.scramKeys == keys else {
            return .wrong
        }
        if let reason = found.disabledReason { return .disabled(reason: reason) }
        return .ok(found.account)
    }

    /// Makes the keys of an account that has none, from the password that was just right. What fails is tried again with
    /// the next login.
    func addKeys(_ password: String, to found: Login) async {
        let cost = cost
        guard let keys = try? await hash("make SCRAM keys", { SCRAMKeys.create(password, cost: cost).text }) else {
            return
        }
        try? await database.write { [scram] transaction in
            try transaction.execute(
                "UPDATE account SET scram_keys = ? WHERE account_id = ? AND password_hash = ? AND scram_keys IS NULL",
                .text(keys), .integer(found.account.id.rawValue), .text(found.hash.rawValue))
            let isForAll = try Self.hasKeysForAll(transaction)
            transaction.afterCommit { scram.isForAll = isForAll }
        }
    }

    static func hasKeysForAll(_ connection: ReadConnection) throws -> Bool {
        let missing = try connection.integer(
            "SELECT EXISTS (SELECT 1 FROM account WHERE scram_keys IS NULL AND disabled_reason IS NULL)")
        return missing == 0
    }
}

/// What the registry remembers for SCRAM.
final class SCRAMMemory: Sendable {
    private struct State {
        var isForAll = false
        /// From which keys are pretended: the store's, so that they stay the same when the server starts anew.
        var secret = Random.octets(32)
    }

    private let state = Mutex(State())

    /// Whether every account that may log in has keys.
    var isForAll: Bool {
        get { state.withLock { $0.isForAll } }
        set { state.withLock { $0.isForAll = newValue } }
    }

    var secret: [UInt8] {
        get { state.withLock { $0.secret } }
        set { state.withLock { $0.secret = newValue } }
    }
}
