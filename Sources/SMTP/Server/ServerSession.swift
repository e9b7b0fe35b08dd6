public import MailCore
public import NIOCore
public import SASL

/// The server's side of one SMTP connection (RFC 5321), without the connection.
public struct ServerSession: ProtocolEngine {
    /// What the server must decide or do. Pipelined input waits for the answer.
    public enum Request: Equatable, Sendable {
        /// The first request of every connection. `.accepted`: the greeting goes out; `.reply`: 421 closes, 554 refuses
        /// all commands but QUIT (RFC 5321 §3.1).
        case connected
        /// The client spoke before the greeting. The answer does not matter: it is sent away.
        case spokeFirst
        /// May this reverse-path be used? The envelope has no recipients yet.
        case checkSender(Envelope)
        /// May this recipient be written to? The envelope has those accepted before it.
        case checkRecipient(Recipient, Envelope)
        /// Whose password is it? Answers: `.authenticated`, `.authenticationFailed`, or a `.reply` with 4xx.
        case authenticate(Credentials)
        /// The SCRAM keys of this login name; such as fit no password when there are none. `.keys`, or `.reply` with 4xx.
        case findKeys(login: String)
        /// As `authenticate`. Without a proof it failed.
        case admit(SCRAMClaim)
        /// These are the next octets of a message that is too long for memory; write them behind those before.
        case spool(ByteBuffer)
        /// Take the message; a positive answer makes it ours to lose (RFC 5321 §6.1).
        case deliver(Envelope, MessageBody)
        /// What was spooled of this transaction is not wanted any more. The answer does not matter. A connection that
        /// ends otherwise in the midst of a message leaves its spool to the server.
        case discardSpool
    }

    public enum Answer: Equatable, Sendable {
        /// Yes, with the session's own words.
        case accepted
        /// The server's words: 2xx is a yes, 4xx and 5xx a no; 421 ends the session.
        case reply(Reply)
        case authenticated(login: String)
        case authenticationFailed
        case keys(SCRAMOffer)
    }

    enum State: Sendable {
        case opening
        /// The greeting was 554.
        case refusing
        case commanding(Phase)
        case authenticating(ServerExchange)
        case receiving(Reception)
        /// The octets of a chunk that is refused, and what is said behind them.
        case skipping(octetsLeft: Int, Reply, Phase)
        case waiting(Pending)
        case startingTLS
        case closed
    }

    /// The order of commands, RFC 5321 §4.1.4. What a phase does not hold cannot be misused in it.
    enum Phase: Sendable {
        case connected
        case ready
        case inTransaction(Envelope)
        /// Of a message that comes by BDAT there is more to come (RFC 3030 §2).
        case betweenChunks(Reception)
    }

    /// A request that was not answered yet, with what is needed to go on.
    enum Pending: Sendable {
        case greeting
        case spokeFirst
        case sender(Envelope)
        case recipient(Recipient, Envelope)
        case credentials(Credentials)
        case keys(ServerExchange, login: String)
        case claim(SCRAMClaim)
        case spool(ByteBuffer, Reception)
        case delivery(Envelope, MessageBody)
        /// The reply is said `times` over: by LMTP once for each recipient.
        case discarding(Reply, times: Int, closes: Bool)
    }

    /// RFC 5321 §4.5.3.2.7: at least 5 minutes.
    static let idleSeconds = 300
    /// RFC 4954 §4: 12,288 octets, and CR LF.
    static let authenticationOctetsMax = 12_290

    let configuration: ServerConfiguration
    var state = State.opening
    var helo = ""
    var isExtended = false
    var tls: TLSFacts?
    var login: String?
    var isStopping = false
    var errors = 0
    var idleCommands = 0
    var refusedRecipients = 0
    var authenticationFailures = 0

    /// - Parameter tls: the facts of a connection that speaks TLS from its first octet.
    public init(_ configuration: ServerConfiguration, tls: TLSFacts? = nil) {
        self.configuration = configuration
        self.tls = tls
    }

    /// Writes nothing: the greeting waits for the answer to `.connected`.
    public mutating func start(into output: inout ByteBuffer) {}

    public mutating func advance(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> Step<Request> {
        while true {
            switch state {
            case .opening:
                if input.readableBytes > 0, configuration.greetingDelaySeconds > 0 {
                    state = .waiting(.spokeFirst)
                } else if configuration.greetingDelaySeconds > 0 {
                    return .needsInput(withinSeconds: configuration.greetingDelaySeconds)
                } else {
                    state = .waiting(.greeting)
                }
            case .waiting(let pending): return .perform(pending.request)
            case .startingTLS: return .startTLS
            case .closed: return .close
            case .receiving:
                guard receive(&input, &output) else { return .needsInput(withinSeconds: Self.idleSeconds) }
            case .skipping:
                guard skip(&input, &output) else { return .needsInput(withinSeconds: Self.idleSeconds) }
            case .refusing, .commanding, .authenticating:
                guard takeLine(&input, &output) else { return .needsInput(withinSeconds: Self.idleSeconds) }
            }
            endIfSettled(into: &output)
        }
    }

    public mutating func handle(_ event: ConnectionEvent, into output: inout ByteBuffer) {
        switch event {
        case .tlsStarted(let facts): started(facts)
        case .timedOut:
            if case .opening = state { return state = .waiting(.greeting) }
            end(Reply(421, "4.4.2", "\(configuration.hostname) Waited too long"), into: &output)
        case .woken: break
        case .shuttingDown:
            switch state {
            case .waiting: isStopping = true
            case .startingTLS: state = .closed
            case .opening, .refusing, .commanding, .authenticating, .receiving, .skipping: stop(into: &output)
            case .closed: break
            }
        }
    }
}
