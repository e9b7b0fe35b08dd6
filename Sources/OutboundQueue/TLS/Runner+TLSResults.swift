import Logging
import MessageStore
import Observation

extension Runner {
    /// RFC 8460 §4.3, as far as we can tell them apart.
    enum TLSOutcome: String {
        case success
        case notSupported = "starttls-not-supported"
        case validationFailure = "validation-failure"
    }

    private static let pendingMax = 200

    /// Counts what became of TLS with a destination that has a policy, or whose TLS failed.
    func count(_ outcome: TLSOutcome, _ security: ServerSecurity, _ destination: Destination) {
        count(outcome.rawValue, policy: security.policyName, destination.domain)
    }

    func count(_ result: String, policy: String, _ domain: String) {
        guard !domain.isEmpty else { return }
        if result == TLSOutcome.success.rawValue {
            QueueCounters.tlsVerified.increment()
        } else {
            QueueCounters.tlsFailed.increment()
        }
        let key = TLSResult(day: now() / 86_400, domain: domain, policy: policy, result: result)
        tlsResults[key, default: 0] += 1
    }

    /// Writes the counts; some at a time, or all before the end.
    func keepTLSResults(all: Bool = false) async {
        guard !tlsResults.isEmpty, all || tlsResults.count >= Self.pendingMax || now() >= tlsKeptAt + 60 else { return }
        let counts = tlsResults
        tlsResults = [:]
        tlsKeptAt = now()
        do throws(StoreError) {
            try await store.countTLSResults(counts)
        } catch {
            log.warning("counts of TLS cannot be kept", metadata: ["error": "\(error.diagnostic)"])
        }
    }
}
