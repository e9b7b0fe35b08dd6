import Synchronization

/// Counts connections, in all and by address, so that one stranger cannot hold every place.
public final class Admission: Sendable {
    private struct State {
        var total = 0
        var byHost: [String: Int] = [:]
    }

    public let totalMax: Int
    public let perAddressMax: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - totalMax: connections at once on all listeners that share this object.
    ///   - perAddressMax: at once from one address.
    public init(totalMax: Int, perAddressMax: Int) {
        self.totalMax = totalMax
        self.perAddressMax = perAddressMax
    }

    public var total: Int { state.withLock { $0.total } }

    func enter(_ host: String) -> Bool {
        state.withLock { state in
            guard state.total < totalMax, state.byHost[host, default: 0] < perAddressMax else { return false }
            state.total += 1
            state.byHost[host, default: 0] += 1
            return true
        }
    }

    func leave(_ host: String) {
        state.withLock { state in
            state.total -= 1
            let left = state.byHost[host, default: 1] - 1
            state.byHost[host] = left > 0 ? left : nil
        }
    }
}
