public import MailCore

extension Runner {
    public struct Options: Sendable {
        /// What we call ourselves in EHLO, and who signs bounces.
        public var hostname: String
        public var route: Route
        /// Whom a bounce is from; nil for postmaster at the host name.
        public var postmaster: EmailAddress?
        /// Where the mail of other servers is taken; 25, but for tests.
        public var exchangerPort = 25
        /// Tried in order before `route`; the first that matches counts.
        public var rules: [RouteRule] = []
        /// A PEM file of authorities that are believed beside the system's.
        public var authorities: String?
        /// Domains are asked for an MTA-STS policy over HTTPS (RFC 8461).
        public var usesMTASTS = false
        /// Where their policies are kept from one start to the next; nil: nowhere.
        public var policyFile: String?
        /// Domains that ask for it are told daily how TLS with their servers went (RFC 8460).
        public var reportsTLS = false
        /// How long a connection rests open for more mail; 0: it is closed at once.
        public var idleSeconds = 3
        /// Connections at once, to all destinations and to one.
        public var connectionsMax = 50
        public var connectionsPerDestinationMax = 8
        /// Recipients taken from the store at a time.
        public var batchMax = 500
        /// Recipients held in memory, for all destinations and for one.
        public var heldMax = 10_000
        public var heldPerDestinationMax = 2_000

        public init(hostname: String, route: Route) {
            self.hostname = hostname
            self.route = route
        }
    }
}
