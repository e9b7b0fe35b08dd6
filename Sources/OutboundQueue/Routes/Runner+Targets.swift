import DNS
import MailCore
import SASL
import SMTP

extension Runner {
    enum Targets {
        case success([Target])
        case failure(RecipientResult)
    }

    /// Servers looked up, and connections tried, before a destination is given up for this time (RFC 5321 §5.1: two at
    /// least).
    private static let hostsMax = 8
    private static let targetsMax = 12

    func targets(of destination: Destination) async -> Targets {
        switch destination.route {
        case .captured: return .success([])
        case .relay(let relay): return await targets(of: relay)
        case .direct(let sources):
            // RFC 5321 §4.1.3: an address literal names its server itself.
            if destination.domain.hasPrefix("[") { return literal(destination.domain, sources) }
            return await exchangers(of: destination, sources)
        }
    }

    /// The relay is the operator's own word: the system's names (/etc/hosts) count for it, and nothing about it is
    /// final, since what was set up wrongly is set right.
    private func targets(of relay: Relay) async -> Targets {
        var pattern = Target(host: relay.host, address: "", port: relay.port, sources: relay.sources)
        switch relay.security {
        case .opportunistic: pattern.security = relay.login == nil ? .opportunistic : .encrypted
        case .required: pattern.security = .encrypted
        case .verify: pattern.security = .authenticated
        case .implicit:
            pattern.security = .authenticated
            pattern.isImplicitTLS = true
        }
        if let login = relay.login, let password = relay.password {
            pattern.credentials = Credentials(
                authorizationIdentity: nil, authenticationIdentity: login, password: password)
        }
        let known = await relayNames.addresses(of: relay.host)
        if !known.isEmpty { return .success(known.map { pattern.at($0) }) }
        switch await addresses(of: relay.host) {
        case .found(let found, _): return .success(found.map { pattern.at($0) })
        case .failed(let why): return .failure(.temporary(Reply(451, "4.4.3", why)))
        case .none: return .failure(.temporary(Reply(451, "4.4.4", "The relay \(relay.host) has no address")))
        }
    }

    private func exchangers(of destination: Destination, _ sources: SourceAddresses) async -> Targets {
        let domain = destination.domain
        switch await resolver.mailExchangers(of: domain) {
        case .hosts(let exchangers, let isSecure):
            // RFC 5321 §5.1: those that are no better than ourselves would bring the message back.
            let own = exchangers.first { $0.host.lowercased() == options.hostname.lowercased() }
            let usable = exchangers.filter { $0.preference < own?.preference ?? .max }
            if own != nil, usable.isEmpty {
                return .failure(.permanent(Reply(554, "5.4.6", "Mail for \(domain) loops back to this server")))
            }
            let hosts = shuffled(own == nil ? exchangers : usable).prefix(Self.hostsMax).map(\.host)
            return await targets(at: hosts, of: destination, sources, isSecure: isSecure)
        case .none: return await targets(at: [domain], of: destination, sources, isSecure: nil)
        case .nullMX: return .failure(.permanent(Reply(556, "5.1.10", "The domain \(domain) takes no mail")))
        case .nameError: return .failure(.permanent(Reply(550, "5.1.2", "The domain \(domain) does not exist")))
        case .temporaryFailure(let why):
            return .failure(.temporary(Reply(451, "4.4.3", "The domain \(domain) could not be looked up: \(why)")))
        }
    }

    /// RFC 5321 §5.1: the lowest preference first; those with the same in an order that is drawn.
    private func shuffled(_ exchangers: [MailExchanger]) -> [MailExchanger] {
        exchangers.map { ($0, random()) }
            .sorted { ($0.0.preference, $0.1) < ($1.0.preference, $1.1) }
            .map(\.0)
    }

    private func literal(_ destination: String, _ sources: SourceAddresses) -> Targets {
        var text = destination.dropFirst().dropLast()
        if text.lowercased().hasPrefix("ipv6:") { text = text.dropFirst(5) }
        guard let address = IPAddress(text) else {
            return .failure(.permanent(Reply(550, "5.1.2", "\(destination) is no address")))
        }
        return .success([
            Target(
                host: address.description, address: address.description, port: options.exchangerPort, sources: sources)
        ])
    }

    /// - Parameter isSecure: DNSSEC proves the MX records; nil: there are none, and the domain itself is the host.
    private func targets(
        at hosts: [String], of destination: Destination, _ sources: SourceAddresses, isSecure: Bool?
    ) async -> Targets {
        let domain = destination.domain
        let policy = destination.demand == .delivery ? nil : await stsPolicy(of: domain)
        var targets: [Target] = []
        var failures: [String] = []
        for host in hosts where targets.count < Self.targetsMax {
            switch await addresses(of: host) {
            case .none: continue
            case .failed(let why): failures.append("\(host): \(why)")
            case .found(let found, let areSecure):
                let security = await security(
                    of: host, for: destination, policy, mayHaveTLSA: areSecure && isSecure ?? areSecure,
                    isNameProven: isSecure ?? true)
                switch security {
                case .failed(let why): failures.append("\(host): \(why)")
                case .as(let security):
                    targets += found.map {
                        Target(
                            host: host, address: $0, port: options.exchangerPort, security: security, sources: sources)
                    }
                }
            }
        }
        if !targets.isEmpty { return .success(Array(targets.prefix(Self.targetsMax))) }
        if let failure = failures.first {
            return .failure(.temporary(Reply(451, "4.4.3", "No mail server can be used: \(failure)")))
        }
        return .failure(.permanent(Reply(550, "5.4.4", "No mail server of \(domain) has an address")))
    }

    private enum Addresses {
        case found([String], areSecure: Bool)
        case failed(String)
        case none
    }

    /// Two of each family, so that neither hides the other.
    private func addresses(of host: String) async -> Addresses {
        if let address = IPAddress(host) { return .found([address.description], areSecure: false) }
        switch await resolver.addresses(of: host) {
        case .found(let found, let isSecure):
            let some = found.filter { !$0.isIPv4 }.prefix(2) + found.filter(\.isIPv4).prefix(2)
            return .found(some.map(\.description), areSecure: isSecure)
        case .temporaryFailure(let why): return .failed(why)
        case .noData, .nameError: return .none
        }
    }
}

extension Runner.Target {
    fileprivate func at(_ address: String) -> Runner.Target {
        var target = self
        target.address = address
        return target
    }
}
