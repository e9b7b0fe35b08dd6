import MailCore
import MessageStore

extension Runner {
    /// What one destination can bear.
    struct Limits: Sendable {
        var connectionsMax: Int
        /// Messages; nil for as many as go.
        var perMinuteMax: Int?
    }

    /// By command, else by the first rule that matches, else as all mail goes.
    func destination(of recipient: QueuedRecipient) -> Destination {
        // RFC 8689 §5: a notice is not thrown away for want of REQUIRETLS on its way.
        let isNotice = recipient.reversePath.address == nil
        let needs = isNotice ? recipient.needs.subtracting(.requireTLS) : recipient.needs
        if let text = recipient.route, let rule = try? RouteRule(text) {
            return Destination(known(rule.route), domain: recipient.routeDomain, needs: needs)
        }
        let rule = rule(domain: recipient.routeDomain, sender: recipient.reversePath.address)
        return Destination(rule?.route ?? options.route, domain: recipient.routeDomain, needs: needs)
    }

    func limits(of destination: Destination) -> Limits {
        let rule = options.rules.first { rule in
            switch rule.route {
            case .direct: rule.route == destination.route && rule.matches(domain: destination.domain, sender: nil)
            case .relay, .captured: rule.route == destination.route
            }
        }
        return Limits(
            connectionsMax: rule?.connectionsMax ?? options.connectionsPerDestinationMax,
            perMinuteMax: rule?.perMinuteMax)
    }

    private func rule(domain: String, sender: EmailAddress?) -> RouteRule? {
        options.rules.first { $0.matches(domain: domain, sender: sender) }
    }

    /// A host that is named by command is spoken to as the configuration says, with its login.
    private func known(_ route: Route) -> Route {
        guard case .relay(let named) = route else { return route }
        for case .relay(let relay) in options.rules.map(\.route) + [options.route]
        where relay.host == named.host && relay.port == named.port { return .relay(relay) }
        return route
    }
}
