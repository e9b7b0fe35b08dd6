public import SASL

/// How a session with another server is to be held.
public struct ClientConfiguration: Sendable {
    public enum TLSPolicy: Equatable, Sendable {
        case never
        /// STARTTLS when it is offered; when its handshake fails the caller connects again with `never` (RFC 7435).
        case opportunistic
        /// Without TLS nothing is sent.
        case required
    }

    /// What we call ourselves in EHLO.
    public var hostname: String
    public var tlsPolicy: TLSPolicy
    /// The account at a smarthost; without AUTH PLAIN or LOGIN there, nothing is sent.
    public var credentials: Credentials?
    /// The password may be sent without TLS. Only for a smarthost on this very machine.
    public var isClearAuthenticationAllowed = false

    public init(hostname: String, tlsPolicy: TLSPolicy = .opportunistic, credentials: Credentials? = nil) {
        self.hostname = hostname
        self.tlsPolicy = tlsPolicy
        self.credentials = credentials
    }
}
