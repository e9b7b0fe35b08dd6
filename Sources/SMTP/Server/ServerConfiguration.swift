/// What an SMTP server says and takes. One value serves all connections of a listener.
public struct ServerConfiguration: Sendable {
    public enum Role: Equatable, Sendable {
        /// Port 25: from any server, for our own recipients.
        case exchange
        /// Ports 587 and 465 (RFC 6409, RFC 8314): from our own users; AUTH is wanted, and TLS before it.
        case submission
        /// RFC 2033: from another mail server on the same machine or network, for our own recipients.
        case lmtp
    }

    /// What is done about CR or LF that stands alone in a message (RFC 5321 §2.3.8 forbids both).
    public enum BareLineEnds: Equatable, Sendable {
        /// A bare LF is stored as CR LF, a bare CR as a space.
        case repair
        /// The message gets 550 5.6.0 after its end.
        case refuse
    }

    public var role: Role
    /// This server's name, in the greeting, in EHLO's reply and in 221 and 421.
    public var hostname: String
    /// STARTTLS is offered while the connection is in clear (RFC 3207).
    public var isSTARTTLSOffered: Bool

    /// Largest message taken, in octets; announced as SIZE (RFC 1870). 65 536 or more (RFC 5321 §4.5.3.1.7).
    public var messageOctetsMax = 52_428_800
    /// A message up to this stays in memory, a larger one is handed out by `.spool`; in octets.
    public var memoryOctetsMax = 1_048_576
    /// Of a message that is refused already this much is still read, so that its client sees the reply; in octets.
    public var discardedOctetsMax = 52_428_800
    /// Longest command line with its CR LF, in octets; 512 or more (RFC 5321 §4.5.3.1.4).
    public var commandOctetsMax = 8_192
    /// Recipients of one transaction; 100 or more (RFC 5321 §4.5.3.1.8). One more gets 452 4.5.3.
    public var recipientsMax = 1_000
    /// BDAT commands of one message; one more is refused with 552.
    public var chunksMax = 65_536
    /// So long the greeting waits; whoever speaks before it is sent away. 0 for no wait.
    public var greetingDelaySeconds = 0
    /// Recipients that are refused in one connection; one more gets 421.
    public var refusedRecipientsMax = 100
    /// Bad commands and refused senders in one connection; one more gets 421.
    public var errorsMax = 20
    /// Commands since the last accepted recipient or message that bring nothing forward; one more gets 421.
    public var idleCommandsMax = 100
    /// Failed AUTH commands in one connection; the last of them gets 421.
    public var authenticationFailuresMax = 3
    /// Can every account log in by SCRAM? Clients take it when it is offered, and do not try another then.
    public var offersSCRAM = false
    public var bareLineEnds = BareLineEnds.repair

    public init(role: Role, hostname: String, isSTARTTLSOffered: Bool = false) {
        self.role = role
        self.hostname = hostname
        self.isSTARTTLSOffered = isSTARTTLSOffered
    }
}
