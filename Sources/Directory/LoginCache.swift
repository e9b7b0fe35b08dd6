import MailCore
import MailCrypto
import Synchronization

/// Logins that were right a short time ago, so that a client which opens ten connections costs one hash.
///
/// Holds neither names nor passwords: a digest of both under a key that is this process' own.
final class LoginCache: Sendable {
    static let keptMax = 65_536

    private struct Entry {
        var account: Account
        var endsAtMilliseconds: Int64
    }

    private struct State {
        var generation = 0
        var entries: [SHA256.Digest: Entry] = [:]
    }

    private let key = HMACSHA256(key: Random.octets(32))
    private let state = Mutex(State())
    private let keptMilliseconds: Int64
    private let now: @Sendable () -> Int64

    /// - Parameter now: milliseconds of a clock that only goes forward.
    init(keptSeconds: Int, now: @escaping @Sendable () -> Int64) {
        keptMilliseconds = Int64(keptSeconds) * 1_000
        self.now = now
    }

    /// Taken before the hash is computed, given back with its outcome.
    var generation: Int { state.withLock { $0.generation } }

    func digest(login: String, password: String) -> SHA256.Digest {
        key.authenticate(Array(login.utf8) + [0] + Array(password.utf8))
    }

    func account(_ digest: SHA256.Digest) -> Account? {
        let time = now()
        return state.withLock { state in
            guard let entry = state.entries[digest] else { return nil }
            if entry.endsAtMilliseconds > time { return entry.account }
            state.entries[digest] = nil
            return nil
        }
    }

    func keep(_ account: Account, _ digest: SHA256.Digest, generation: Int) {
        let endsAt = now() + keptMilliseconds
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= Self.keptMax { state.entries = [:] }
            state.entries[digest] = Entry(account: account, endsAtMilliseconds: endsAt)
        }
    }

    /// After every change of a password or of who may log in.
    func clear() {
        state.withLock { state in
            state.generation &+= 1
            state.entries = [:]
        }
    }
}
