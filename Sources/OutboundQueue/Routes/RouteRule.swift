import MailCore

/// Which mail goes which way, as a line of words:
///
///     rule   = *( match SP ) way *( SP detail )
///     match  = "to=" domain / "to=." domain / "from=" address / "from=@" domain
///     way    = "direct" / "via=" host ":" port
///     detail = "tls=" ( "opportunistic" / "required" / "verify" / "implicit" ) / "login=" name /
///              "password_file=" path / "from4=" address / "from6=" address / "connections=" number /
///              "per_minute=" number
///
/// "to=.example.org" is the domain with all below it. A rule without a match is for all mail.
public struct RouteRule: Sendable, Equatable {
    public struct Fault: Error, Equatable, Sendable {
        /// Completes "the route …".
        public var reason: String

        public init(reason: String) { self.reason = reason }
    }

    var recipientDomain: String?
    var sender: String?
    public internal(set) var route: Route = .exchangers
    /// Where the password of the login stands; to be put into the route by who may read it.
    public internal(set) var passwordFile: String?
    var connectionsMax: Int?
    var perMinuteMax: Int?

    public init(_ text: String) throws(Fault) {
        var way: Route?
        var relay: Relay?
        var (security, login): (Relay.Security?, String?)
        var sources = SourceAddresses()
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let value = parts.count == 2 ? parts[1] : ""
            switch parts[0] {
            case "direct" where value.isEmpty: way = .direct(sources)
            case "via": relay = try Self.relay(value)
            case "to": recipientDomain = try Self.domain(value)
            case "from": sender = try Self.sender(value)
            case "tls":
                security = Relay.Security(rawValue: value)
                guard security != nil else { throw Fault(reason: "has an unknown tls=") }
            case "login": login = value
            case "password_file": passwordFile = value
            case "from4": sources.ipv4 = try Self.address(value, isIPv4: true)
            case "from6": sources.ipv6 = try Self.address(value, isIPv4: false)
            case "connections": connectionsMax = try Self.number(value)
            case "per_minute": perMinuteMax = try Self.number(value)
            default: throw Fault(reason: "has the unknown word \"\(word)\"")
            }
        }
        if var relay {
            guard way == nil else { throw Fault(reason: "is direct and by a host") }
            guard (login == nil) == (passwordFile == nil) else {
                throw Fault(reason: "needs login= and password_file= together")
            }
            relay.sources = sources
            relay.login = login
            if let security { relay.security = security }
            route = .relay(relay)
        } else if way != nil {
            guard security == nil, login == nil, passwordFile == nil else {
                throw Fault(reason: "has tls=, login= or password_file= without via=")
            }
            route = .direct(sources)
        } else {
            throw Fault(reason: "needs \"direct\" or via=HOST:PORT")
        }
    }

    /// The rule with the password of its login.
    public func authenticated(password: String) -> RouteRule {
        guard case .relay(var relay) = route else { return self }
        var rule = self
        relay.password = password
        rule.route = .relay(relay)
        return rule
    }

    func matches(domain: String, sender address: EmailAddress?) -> Bool {
        if let recipientDomain {
            let isBelow = recipientDomain.hasPrefix(".") && ".\(domain)".hasSuffix(recipientDomain)
            guard isBelow || recipientDomain == domain else { return false }
        }
        guard let sender else { return true }
        let from = address?.description.lowercased() ?? ""
        return sender.hasPrefix("@") ? from.hasSuffix(sender) : from == sender
    }

    // MARK: Values

    private static func relay(_ text: String) throws(Fault) -> Relay {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw Fault(reason: "needs via=HOST:PORT") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw Fault(reason: "needs via=HOST:PORT") }
        return Relay(host: host, port: port)
    }

    private static func domain(_ text: String) throws(Fault) -> String {
        let name = text.hasPrefix(".") ? text.dropFirst() : text[...]
        guard EmailAddress.isDomain(name) else { throw Fault(reason: "has no domain in to=") }
        return text.lowercased()
    }

    private static func sender(_ text: String) throws(Fault) -> String {
        let isDomain = text.hasPrefix("@") && EmailAddress.isDomain(text.dropFirst())
        guard isDomain || EmailAddress(text) != nil else { throw Fault(reason: "has no address in from=") }
        return text.lowercased()
    }

    private static func address(_ text: String, isIPv4: Bool) throws(Fault) -> String {
        guard let address = IPAddress(text), address.isIPv4 == isIPv4 else {
            throw Fault(reason: "has no \(isIPv4 ? "IPv4" : "IPv6") address in from\(isIPv4 ? 4 : 6)=")
        }
        return address.description
    }

    private static func number(_ text: String) throws(Fault) -> Int {
        guard let number = Int(text), (1...100_000).contains(number) else {
            throw Fault(reason: "has a number that is not from 1 to 100000")
        }
        return number
    }
}
