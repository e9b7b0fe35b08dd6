import MailCore
import Synchronization

/// What was looked up, for as long as nothing changed.
///
/// Exact: every change clears it after its COMMIT and before its caller goes on, and an answer that was read before a
/// clearing is not kept after it.
final class ResolutionCache: Sendable {
    /// Strangers ask for any name, so the number of answers is bounded; when it is reached all are forgotten.
    static let answersMax = 65_536

    private struct State {
        var generation = 0
        var answers: [EmailAddress: Resolution] = [:]
        var domains: Set<String>?
    }

    private let state = Mutex(State())

    /// Taken before reading, given back with what was read.
    var generation: Int { state.withLock { $0.generation } }

    func answer(to address: EmailAddress) -> Resolution? { state.withLock { $0.answers[address] } }

    var domains: Set<String>? { state.withLock { $0.domains } }

    func keep(_ answer: Resolution, to address: EmailAddress, generation: Int) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.answers.count >= Self.answersMax { state.answers = [:] }
            state.answers[address] = answer
        }
    }

    func keep(domains: Set<String>, generation: Int) {
        state.withLock { state in
            if state.generation == generation { state.domains = domains }
        }
    }

    func clear() {
        state.withLock { state in
            state.generation &+= 1
            state.answers = [:]
            state.domains = nil
        }
    }
}
