import MailCore

/// Where mail for elsewhere goes.
public enum Route: Hashable, Sendable {
    /// Into a folder as `.eml` files, its envelope beside each: nothing leaves the machine.
    case captured(folder: String)
    /// All of it to one host.
    case relay(Relay)
    /// To the mail exchangers of each domain (RFC 5321 §5.1).
    case direct(SourceAddresses)

    /// To the mail exchangers, from whatever address the system chooses.
    public static let exchangers = Route.direct(SourceAddresses())

    public static func relayed(host: String, port: Int) -> Route { .relay(Relay(host: host, port: port)) }
}

/// The addresses that connections are opened from; nil: the system chooses.
public struct SourceAddresses: Hashable, Sendable {
    public var ipv4: String?
    public var ipv6: String?

    public init(ipv4: String? = nil, ipv6: String? = nil) {
        self.ipv4 = ipv4
        self.ipv6 = ipv6
    }

    func source(for address: String) -> String? { address.contains(":") ? ipv6 : ipv4 }
}

/// A host that takes mail for everywhere, and how it is spoken to.
public struct Relay: Hashable, Sendable {
    public enum Security: String, Hashable, Sendable, CaseIterable {
        /// TLS when it is offered.
        case opportunistic
        /// TLS, whatever its certificate.
        case required
        /// TLS with a certificate that is good for the host's name.
        case verify
        /// The same, from the first octet (RFC 8314 §3.3).
        case implicit
    }

    /// By name or address.
    public var host: String
    public var port: Int
    public var security: Security
    public var login: String?
    public var password: String?
    public var sources: SourceAddresses

    public init(
        host: String, port: Int, security: Security = .opportunistic, login: String? = nil, password: String? = nil,
        sources: SourceAddresses = SourceAddresses()
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.login = login
        self.password = password
        self.sources = sources
    }
}

/// Who gets what waits in one line: a relay takes mail of all domains, an exchanger that of its own.
struct Destination: Hashable, Sendable, CustomStringConvertible {
    /// What its mail asks of TLS beyond what the domain asks: mail that differs in that goes over connections of its own.
    enum Demand: Hashable, Sendable {
        case none
        /// REQUIRETLS (RFC 8689 §4.2.1): a server that proves who it is.
        case proof
        /// "TLS-Required: No" (RFC 8689 §5): policies do not count.
        case delivery
    }

    var route: Route
    /// Empty unless the route is direct.
    var domain: String
    var demand = Demand.none

    init(_ route: Route, domain: String, needs: MessageNeeds = []) {
        self.route = route
        guard case .direct = route else {
            self.domain = ""
            return
        }
        self.domain = domain
        // RFC 8689 §3: beside REQUIRETLS the field does not count.
        if needs.contains(.requireTLS) {
            demand = .proof
        } else if needs.contains(.ignoresTLSPolicy) {
            demand = .delivery
        }
    }

    var description: String {
        switch route {
        case .captured: "captured"
        case .relay(let relay): "\(relay.host):\(relay.port)"
        case .direct: domain
        }
    }
}
