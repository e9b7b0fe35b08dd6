public import NIOCore

/// The server's side of one connection as a value: octets and answers in, octets and steps out.
///
/// An engine knows no clock, socket, file or thread. `ConnectionHandler` (module Transport) owns the socket, feeds the
/// engine and carries out its steps; a server (SMTPServer, IMAPServer, POP3Server) performs its requests.
public protocol ProtocolEngine: Sendable {
    /// What the engine cannot know by itself. A plain value, so that a test can compare it.
    associatedtype Request: Equatable & Sendable
    /// What the server says to a request.
    associatedtype Answer: Sendable

    /// Writes what the server says first (the greeting). Called once, before any input.
    mutating func start(into output: inout ByteBuffer)

    /// Consumes what it can of `input`, writes replies to `output`, and says what must happen next.
    ///
    /// What it leaves in `input` is handed in again, with what came since. Called again after every step but `close`.
    mutating func advance(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> Step<Request>

    /// Takes the answer to the request of the last `perform` step. `advance` is called next.
    mutating func resume(with answer: Answer, into output: inout ByteBuffer)

    /// Takes what happened outside. `advance` is called next.
    mutating func handle(_ event: ConnectionEvent, into output: inout ByteBuffer)
}

/// What an engine asks of its connection.
public enum Step<Request: Equatable & Sendable>: Equatable, Sendable {
    /// Nothing to do before more octets come; after `withinSeconds` without any, `handle(.timedOut)` is called.
    case needsInput(withinSeconds: Int)
    /// The server is to do this; nothing more is read from the client until it has answered.
    case perform(Request)
    /// Send what was written, then begin the TLS handshake. Octets that came in clear behind the command close the
    /// connection (a command must not be smuggled into TLS). After the handshake `handle(.tlsStarted)` is called.
    case startTLS
    /// Send what was written, then speak raw DEFLATE (RFC 1951) both ways. Octets that came behind the command close the
    /// connection: nobody can know which they are. `advance` is called next.
    case compress
    /// Send what was written, then close.
    case close
}

/// What happens to a connection besides octets and answers.
public enum ConnectionEvent: Equatable, Sendable {
    /// The TLS handshake that the engine asked for is done.
    case tlsStarted(TLSFacts)
    /// The client was silent for as long as `needsInput` allowed.
    case timedOut
    /// The server called `ConnectionWaker.wake()`: something of interest to this session changed.
    case woken
    /// The server is stopping: say goodbye and close.
    case shuttingDown
}

/// What the handshake settled, for `Received` lines and the log.
public struct TLSFacts: Equatable, Sendable {
    /// As in RFC 8314 and the TLS registry: "TLSv1.3".
    public var version: String
    /// As OpenSSL names it; empty when the library does not tell.
    public var cipher: String
    /// What the connection is known by to both ends, "tls-server-end-point" (RFC 5929 §4): a digest of the certificate
    /// that was shown. Nil where none is defined.
    public var endPoint: [UInt8]?

    public init(version: String, cipher: String, endPoint: [UInt8]? = nil) {
        self.version = version
        self.cipher = cipher
        self.endPoint = endPoint
    }
}

/// One address and port, as text of the kind RFC 5321 §4.1.3 wants without its brackets.
public struct SocketEndpoint: Hashable, Sendable {
    /// "192.0.2.1" or "2001:db8::1"; an IPv4-mapped IPv6 address is given as IPv4.
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// What a server knows of a connection when it is opened.
public struct ConnectionFacts: Sendable {
    /// For the log: short, unique in this process' life ("c7f3k2").
    public var identifier: String
    public var local: SocketEndpoint
    public var remote: SocketEndpoint
    /// Set when the listener speaks TLS from the first octet.
    public var tls: TLSFacts?

    public init(identifier: String, local: SocketEndpoint, remote: SocketEndpoint, tls: TLSFacts? = nil) {
        self.identifier = identifier
        self.local = local
        self.remote = remote
        self.tls = tls
    }
}
