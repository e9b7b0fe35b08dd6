import MailCore
import Synchronization

/// Counts connections, in all, by address and by network, so that one stranger cannot hold every place.
public final class Admission: Sendable {
    private struct State {
        var total = 0
        var byHost: [String: Int] = [:]
        /// By the first octets of an address: three of IPv4, six of IPv6.
        var byNetwork: [[UInt8]: Int] = [:]
    }

    public let totalMax: Int
    public let perAddressMax: Int
    public let perNetworkMax: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - totalMax: connections at once on all listeners that share this object.
    ///   - perAddressMax: at once from one address.
    ///   - perNetworkMax: at once from 256 IPv4 addresses, or from a /48 of IPv6. This machine is not counted so.
    public init(totalMax: Int, perAddressMax: Int, perNetworkMax: Int = Int.max) {
        self.totalMax = totalMax
        self.perNetworkMax = perNetworkMax
        self.perAddressMax = perAddressMax
    }

    public var total: Int { state.withLock { $0.total } }

    func enter(_ host: String) -> Bool {
        state.withLock { state in
            guard state.total < totalMax, state.byHost[host, default: 0] < perAddressMax else { return false }
            if let network = Self.network(of: host) {
                guard state.byNetwork[network, default: 0] < perNetworkMax else { return false }
                state.byNetwork[network, default: 0] += 1
            }
            state.total += 1
            state.byHost[host, default: 0] += 1
            return true
        }
    }

    func leave(_ host: String) {
        state.withLock { state in
            state.total -= 1
            if let network = Self.network(of: host) {
                let left = state.byNetwork[network, default: 1] - 1
                state.byNetwork[network] = left > 0 ? left : nil
            }
            let left = state.byHost[host, default: 1] - 1
            state.byHost[host] = left > 0 ? left : nil
        }
    }

    private static func network(of host: String) -> [UInt8]? {
        guard let address = IPAddress(host), !address.isLoopback else { return nil }
        return Array(address.octets.prefix(address.isIPv4 ? 3 : 6))
    }
}
