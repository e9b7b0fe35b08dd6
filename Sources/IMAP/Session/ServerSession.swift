public import MailCore
public import NIOCore
import SASL

/// The server's side of one IMAP connection, without the connection.
///
/// Commands are carried out strictly one after the other, also pipelined ones, so that the ambiguities of RFC 3501 §5.5
/// do not arise.
public struct ServerSession: ProtocolEngine {
    /// RFC 3501 §3.
    public enum State: Equatable, Sendable {
        case notAuthenticated
        case authenticated
        case selected(readOnly: Bool)
        case logout
    }

    /// What the connection is at.
    enum Phase: Sendable {
        case reading
        /// The literals of a refused command are dropped; then this is said.
        case refusing(Pending, Completion, octetsLeft: Int)
        /// The message of an APPEND comes, into `message`.
        case receiving
        case authenticating(Pending, ServerExchange)
        case performing(Request, Pending)
        case idling(Pending, silentSeconds: Int)
        case startingTLS
        case compressing
        case closing
    }

    /// A command that has not had its tagged line.
    struct Pending: Sendable {
        var tag: String
        var name: String
        /// What goes on when a step in the middle is done.
        var next = Next.completion

        /// With nothing in between.
        var plain: Pending { Pending(tag: tag, name: name) }

        enum Next: Sendable {
            case completion
            case receiving
            /// Another message of an APPEND follows, as announced.
            case nextMessage(Append, CommandFramer.Announcement, octetsBefore: Int)
            /// Said in place of what the server answers.
            case said(Completion)
            /// The exchange goes on with the account's keys.
            case exchange(ServerExchange)
            /// The rest of the command is dropped, then this is said.
            case refusing(Completion, octetsLeft: Int)
            /// The tagged line was said already.
            case resuming
        }
    }

    public let configuration: ServerConfiguration
    public internal(set) var state = State.notAuthenticated
    public internal(set) var hasTLS: Bool
    /// What SCRAM-SHA-256-PLUS can be tied to.
    var endPoint: [UInt8]?
    /// NOTIFY is on (RFC 5465): news are told between commands, too.
    var notifies = false
    /// RFC 4978: once, and for the rest of the connection.
    var isCompressed = false
    /// By ENABLE, so far.
    public internal(set) var features: Features = []
    var phase = Phase.reading
    var framer = CommandFramer()
    var message: Message?
    var badCommands = 0
    var failedAuthentications = 0
    /// Something changed while a step of IDLE was performed.
    var isWakePending = false
    var isShuttingDown = false

    public init(_ configuration: ServerConfiguration, hasTLS: Bool) {
        self.configuration = configuration
        self.hasTLS = hasTLS
    }

    public mutating func start(into output: inout ByteBuffer) {
        output.writeUntagged(.ok, .capability(capabilityWords), "Postino ready")
    }

    public mutating func advance(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> Step<Request> {
        while true {
            let step: Step<Request>? =
                switch phase {
                case .closing: .close
                case .startingTLS: .startTLS
                case .compressing: startCompressing()
                case .performing(let request, _): .perform(request)
                case .idling(let pending, let silent): readInIdle(&input, pending, silent, into: &output)
                case .authenticating(let pending, let exchange): readResponse(&input, pending, exchange, into: &output)
                case .receiving: receive(&input, into: &output)
                case .reading, .refusing: readCommand(&input, into: &output)
                }
            if let step { return step }
        }
    }

    public mutating func handle(_ event: ConnectionEvent, into output: inout ByteBuffer) {
        switch event {
        case .tlsStarted(let facts):
            hasTLS = true
            endPoint = facts.endPoint
            framer.reset()
            if case .startingTLS = phase { phase = .reading }
        case .timedOut: timedOut(into: &output)
        case .woken: woken()
        case .shuttingDown:
            isShuttingDown = true
            // A response may be under way: then goodbye is said behind it.
            if case .performing = phase { return }
            end(.unavailable, "The server is stopping", into: &output)
        }
    }

    var isAuthenticated: Bool {
        switch state {
        case .notAuthenticated, .logout: false
        case .authenticated, .selected: true
        }
    }

    var capabilityWords: String {
        Capability.words(
            configuration, isAuthenticated: isAuthenticated, hasTLS: hasTLS, endPoint: endPoint,
            isCompressed: isCompressed)
    }

    var stateSet: StateSet {
        switch state {
        case .notAuthenticated: .notAuthenticated
        case .authenticated: .onlyAuthenticated
        case .selected: .selected
        case .logout: []
        }
    }

    /// RFC 3501 §5.4.
    var needsInput: Step<Request> {
        .needsInput(
            withinSeconds: isAuthenticated
                ? configuration.autologoutSeconds : configuration.autologoutSecondsBeforeLogin)
    }

    mutating func end(_ code: ResponseCode? = nil, _ text: String, into output: inout ByteBuffer) {
        if case .closing = phase { return }
        output.writeBye(code, text)
        state = .logout
        phase = .closing
    }

    /// Says how a command ended and turns to the next.
    mutating func complete(_ pending: Pending, _ completion: Completion, into output: inout ByteBuffer) {
        completion.write(tag: pending.tag, command: pending.name, into: &output)
        phase = .reading
        countBad(completion.status == .bad, into: &output)
        if isShuttingDown { end(.unavailable, "The server is stopping", into: &output) }
    }

    /// A client that says nothing sensible does not speak IMAP.
    mutating func countBad(_ isBad: Bool, into output: inout ByteBuffer) {
        badCommands = isBad ? badCommands + 1 : 0
        if badCommands >= configuration.badCommandsMax { end(nil, "Too many bad commands", into: &output) }
    }

    private mutating func timedOut(into output: inout ByteBuffer) {
        guard case .idling(let pending, let silent) = phase, let every = configuration.idleKeepAliveSeconds,
            silent + every < configuration.autologoutSeconds
        else { return end(nil, "Autologout: nothing was said for too long", into: &output) }
        phase = .idling(pending, silentSeconds: silent + every)
        output.writeUntagged(.ok, nil, "Still here")
    }
}
