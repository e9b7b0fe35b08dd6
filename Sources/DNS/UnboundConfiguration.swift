/// How `UnboundResolver` finds its answers.
public struct UnboundConfiguration: Sendable {
    /// Who is asked.
    public enum Source: Equatable, Sendable {
        /// The authorities themselves, from the root down.
        case authorities
        /// Only this resolver. An IP address.
        case resolver(host: String, port: Int)
        /// The `nameserver` lines of a file, commonly /etc/resolv.conf.
        case resolversOf(file: String)
    }

    /// A zone whose authority is asked directly.
    public struct Stub: Equatable, Sendable {
        public var zone: String
        /// An IP address.
        public var host: String
        public var port: Int

        public init(zone: String, host: String, port: Int) {
            self.zone = zone
            self.host = host
            self.port = port
        }
    }

    public var source: Source
    public var stubs: [Stub] = []
    /// DS or DNSKEY records of the root (package dns-root-data), read once. Nil: nothing is validated and no answer is
    /// secure, which suits a resolver that strips DNSSEC; with a file every answer of such a resolver is bogus.
    public var trustAnchorFile: String?
    /// Addresses of the root servers; nil for those built into libunbound.
    public var rootHintsFile: String?
    /// For one look-up, all its queries and CNAME records included.
    public var lookupMillisecondsMax = 5_000
    /// Look-ups under way at once; one more is a temporary failure.
    public var outstandingMax = 1_000

    /// - Parameter trustAnchorFile: in Debian `/usr/share/dns/root.key`.
    public init(source: Source, trustAnchorFile: String?) {
        self.source = source
        self.trustAnchorFile = trustAnchorFile
    }
}

/// Why a resolver could not be made.
public struct ResolverError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, as libunbound calls it, with its value.
    public var operation: String
    public var reason: String

    public var description: String { "\(operation): \(reason)" }
}
