import DNS
import MailCore
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

    func targets(of destination: String) async -> Targets {
        switch options.route {
        case .captured: return .success([])
        case .relayed(let host, let port): return await relay(host, port)
        case .exchangers:
            // RFC 5321 §4.1.3: an address literal names its server itself.
            return destination.hasPrefix("[") ? literal(destination) : await exchangers(of: destination)
        }
    }

    /// The relay is the operator's own word: the system's names (/etc/hosts) count for it, and nothing about it is
    /// final, since what was set up wrongly is set right.
    private func relay(_ host: String, _ port: Int) async -> Targets {
        let known = await relayNames.addresses(of: host)
        if !known.isEmpty { return .success(known.map { Target(host: host, address: $0, port: port) }) }
        switch await addresses(of: [host], port: port, host) {
        case .success(let targets): return .success(targets)
        case .failure(.temporary(let reply)): return .failure(.temporary(reply))
        case .failure: return .failure(.temporary(Reply(451, "4.4.4", "The relay \(host) has no address")))
        }
    }

    private func exchangers(of domain: String) async -> Targets {
        switch await resolver.mailExchangers(of: domain) {
        case .hosts(let exchangers, _):
            // RFC 5321 §5.1: those that are no better than ourselves would bring the message back.
            let own = exchangers.first { $0.host.lowercased() == options.hostname.lowercased() }
            let usable = exchangers.filter { $0.preference < own?.preference ?? .max }
            if own != nil, usable.isEmpty {
                return .failure(.permanent(Reply(554, "5.4.6", "Mail for \(domain) loops back to this server")))
            }
            let hosts = shuffled(own == nil ? exchangers : usable).prefix(Self.hostsMax).map(\.host)
            return await addresses(of: hosts, port: options.exchangerPort, domain)
        case .none: return await addresses(of: [domain], port: options.exchangerPort, domain)
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

    private func literal(_ destination: String) -> Targets {
        var text = destination.dropFirst().dropLast()
        if text.lowercased().hasPrefix("ipv6:") { text = text.dropFirst(5) }
        guard let address = IPAddress(text) else {
            return .failure(.permanent(Reply(550, "5.1.2", "\(destination) is no address")))
        }
        let target = Target(host: address.description, address: address.description, port: options.exchangerPort)
        return .success([target])
    }

    private func addresses(of hosts: [String], port: Int, _ destination: String) async -> Targets {
        var targets: [Target] = []
        var failures: [String] = []
        for host in hosts where targets.count < Self.targetsMax {
            if let address = IPAddress(host) {
                targets.append(Target(host: host, address: address.description, port: port))
                continue
            }
            switch await resolver.addresses(of: host) {
            case .found(let found, _):
                // Two of each family, so that neither hides the other.
                let some = found.filter { !$0.isIPv4 }.prefix(2) + found.filter(\.isIPv4).prefix(2)
                targets += some.map { Target(host: host, address: $0.description, port: port) }
            case .temporaryFailure(let why): failures.append("\(host): \(why)")
            case .noData, .nameError: continue
            }
        }
        if !targets.isEmpty { return .success(Array(targets.prefix(Self.targetsMax))) }
        if let failure = failures.first {
            let text = "No address of a mail server could be looked up: \(failure)"
            return .failure(.temporary(Reply(451, "4.4.3", text)))
        }
        return .failure(.permanent(Reply(550, "5.4.4", "No mail server of \(destination) has an address")))
    }
}
