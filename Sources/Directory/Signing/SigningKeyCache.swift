import Synchronization

/// The keys that sign now, by domain, read once: to read a private key from its text takes longer than to sign with it.
///
/// Exact in the way of `ResolutionCache`: every change clears it, and what was read before is not kept after.
final class SigningKeyCache: Sendable {
    /// Domains; when it is reached all are forgotten.
    static let domainsMax = 4_096

    private struct State {
        var generation = 0
        var keys: [String: [SigningKeyRow]] = [:]
    }

    private let state = Mutex(State())

    var generation: Int { state.withLock { $0.generation } }

    func keys(of domain: String) -> [SigningKeyRow]? { state.withLock { $0.keys[domain] } }

    func keep(_ keys: [SigningKeyRow], of domain: String, generation: Int) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.keys.count >= Self.domainsMax { state.keys = [:] }
            state.keys[domain] = keys
        }
    }

    func clear() {
        state.withLock { state in
            state.generation &+= 1
            state.keys = [:]
        }
    }
}
