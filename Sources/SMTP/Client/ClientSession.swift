public import MailCore
public import NIOCore

/// The sending side of one SMTP connection (RFC 5321), without the connection: any number of transactions one behind the
/// other.
///
/// Call `advance` with what came (at first with nothing), send what it wrote, carry out its step.
public struct ClientSession: Sendable {
    enum State: Sendable {
        case awaiting(Exchange)
        case startingTLS
        case ready
        case inTransaction(TransactionState)
        case sendingBody(TransactionState)
        case finished([RecipientResult])
        case failed(ClientFailure)
        case closed
    }

    /// A command outside a transaction whose reply is awaited.
    enum Exchange: Sendable {
        case greeting
        case ehlo
        case helo
        case startTLS
        case auth(ClientExchange)
        case quit
    }

    let configuration: ClientConfiguration
    var state = State.awaiting(.greeting)
    var reader = ReplyReader()
    /// What is to be sent at the next `advance`.
    var pending = ByteBuffer()
    var stuffer = DotStuffer()
    var facts: PeerFacts

    public init(_ configuration: ClientConfiguration, tls: TLSFacts? = nil) {
        self.configuration = configuration
        facts = PeerFacts(greeting: "", hostname: "", extensions: Extensions(), tls: tls, isAuthenticated: false)
    }

    /// Consumes what it can of `input`, writes commands to `output`, and says what must happen next.
    public mutating func advance(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> ClientStep {
        fatalError()
    }

    /// The handshake that `.startTLS` asked for is done.
    public mutating func tlsStarted(_ facts: TLSFacts) {}

    /// Begins a transaction; only behind `.ready` or `.finished`.
    public mutating func begin(_ transaction: Transaction) {}

    /// Writes the next octets of the message behind `.sendBody`, dot-stuffed.
    public mutating func writeBody(_ chunk: ByteBuffer, into output: inout ByteBuffer) {}

    /// Ends the message.
    public mutating func finishBody(into output: inout ByteBuffer) {}

    /// Says goodbye; only behind `.ready` or `.finished`.
    public mutating func quit() {}

    /// No octet came for as long as `needsInput` allowed.
    public mutating func timedOut() {}

    /// The connection ended.
    public mutating func disconnected() {}
}
struct TransactionState: Sendable {}
struct ClientExchange: Sendable {}
struct ReplyReader: Sendable {}
