/// What an operator or a listener settles for IMAP sessions. Units are in the names.
public struct ServerConfiguration: Sendable {
    /// Largest message taken by APPEND, in octets.
    public var messageOctetsMax = 52_428_800
    /// Messages in one APPEND (RFC 3502), and their octets together when there are several.
    public var appendMessagesMax = 1_000
    public var appendOctetsMax = 33_554_432
    /// An APPEND above this is handed out in `spool` requests; up to this it stays in memory.
    public var memoryOctetsMax = 1_048_576
    /// What one `spool` request holds at most.
    public var spoolOctetsMax = 262_144
    /// A non-synchronising literal that is refused is read and dropped up to this; above, the connection ends.
    public var swallowOctetsMax = 104_857_600
    /// The lines of one command together, without its literals; RFC 2683 §3.2.1.5 wants 8,000 and more.
    public var lineOctetsMax = 65_536
    /// The same before login: holds a SASL response (12,288).
    public var lineOctetsMaxBeforeLogin = 16_384
    /// The literals of one command together, the message of an APPEND apart.
    public var literalOctetsMax = 262_144
    public var literalOctetsMaxBeforeLogin = 8_192
    /// Literals in one command.
    public var literalsMax = 200
    /// So many BAD in a row end the connection.
    public var badCommandsMax = 20
    /// So many failed logins end the connection.
    public var authenticationFailuresMax = 5
    /// RFC 3501 §5.4: at least 30 minutes.
    public var autologoutSeconds = 1_800
    public var autologoutSecondsBeforeLogin = 180
    /// An idling client is told "* OK Still here" this often, so that NAT boxes keep the connection; never, with nil.
    public var idleKeepAliveSeconds: Int? = 120
    /// Whether LOGIN and AUTHENTICATE are taken without TLS. For loopback only.
    public var allowsCleartextLogin = false
    /// Whether every account can log in by SCRAM: clients take it when it is offered, and do not try another then.
    public var offersSCRAM = false
    /// Whether there is a certificate, so that STARTTLS is offered on a connection in clear.
    public var offersStartTLS = true
    /// Whether a client may compress what is said (RFC 4978): pays on slow lines, and costs memory and time.
    public var offersCompression = false
    /// Whether a client may log out and in again on one connection (RFC 8437 §8: there must be a way to say no).
    public var offersUnauthenticate = true

    public init() {}
}
