/// How a server of POP3 behaves; the same for all its connections.
public struct Configuration: Sendable {
    /// The name in the greeting.
    public var hostName: String
    /// Is there a certificate, so that STLS can be offered?
    public var offersTLS = true
    /// Takes passwords on a connection without TLS. For loopback only: whoever listens has them.
    public var allowsCleartextLogin = false
    /// Can every account log in by SCRAM? Clients take it when it is offered, and do not try another then.
    public var offersSCRAM = false
    /// Seconds that must lie between two logins to one maildrop, announced as LOGIN-DELAY (RFC 2449 §6.5); 0: none.
    public var loginDelaySeconds = 0
    /// A silent client is logged out after so long; 600 or more (RFC 1939 §3).
    public var autologoutSeconds = 600
    /// The connection ends with the command that makes it so many unknown, malformed or misplaced ones.
    public var badCommandsMax = 10
    /// The connection ends with the login that makes it so many refused ones.
    public var failedLoginsMax = 3

    public init(hostName: String) { self.hostName = hostName }
}
