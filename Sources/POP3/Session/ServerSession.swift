public import MailCore
public import NIOCore
import SASL

/// The server's side of one POP3 connection (RFC 1939), without the connection.
///
/// Messages leave the maildrop only by the `commit` that QUIT asks for: whoever is cut off, times out or misbehaves
/// has deleted nothing (RFC 1939 §6).
public struct ServerSession: ProtocolEngine {
    /// The states of RFC 1939 §3, and what is waited for in them.
    enum State: Sendable {
        /// With the name that USER brought.
        case authorization(user: [UInt8]?)
        case exchanging(ServerExchange)
        case authenticating(Credentials)
        case findingKeys(ServerExchange, login: String)
        case admitting(SCRAMClaim)
        case startingTLS
        case transaction
        case sending(Request)
        /// LIST, from this index on.
        case listing(Int)
        /// UIDL of one message.
        case namingOne(Int)
        /// UIDL of all, from this index on.
        case naming(Int)
        /// The UPDATE state.
        case committing
        case loggingOut
        case closed
    }

    let configuration: Configuration
    var isTLSActive: Bool
    /// What SCRAM-SHA-256-PLUS can be tied to.
    var endPoint: [UInt8]?
    var state = State.authorization(user: nil)
    /// By the command UTF8 (RFC 6856 §2).
    var isUTF8 = false
    /// From the login on.
    var transaction: Transaction?
    private var lines = LineReader()
    private var badCommands = 0
    private var failedLogins = 0
    /// What a `send` request under way holds.
    private var piece: ByteBuffer?

    /// Output that has grown to so much goes out by a `send` request.
    static let outputOctetsMax = 65_536
    /// Messages of one `uniqueIDs` request.
    static let uniqueIDsMax = 2_048

    /// - Parameter isTLSActive: for a listener that speaks TLS from the first octet (RFC 8314 §3.3).
    public init(configuration: Configuration, isTLSActive: Bool) {
        self.configuration = configuration
        self.isTLSActive = isTLSActive
    }

    public mutating func start(into output: inout ByteBuffer) {
        // No time stamp in angle brackets: APOP is not offered (RFC 1939 §7).
        Reply.ok("\(configuration.hostName) POP3 ready").write(into: &output)
    }

    public mutating func advance(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> Step<Request> {
        while true {
            if let piece { return .perform(.send(piece)) }
            if mustSend(output) {
                let taken = output
                output = ByteBuffer()
                piece = taken
                return .perform(.send(taken))
            }
            switch state {
            case .authenticating(let credentials): return .perform(.authenticate(credentials))
            case .findingKeys(_, let login): return .perform(.findKeys(login: login))
            case .admitting(let claim): return .perform(.admit(claim))
            case .startingTLS: return .startTLS
            case .sending(let request): return .perform(request)
            case .namingOne(let index): return .perform(.uniqueIDs(index..<index + 1))
            case .naming(let index):
                let end = min(index + Self.uniqueIDsMax, transaction?.count ?? index)
                return .perform(.uniqueIDs(index..<end))
            case .committing: return .perform(.commit(transaction?.deletedIndexes ?? []))
            case .loggingOut: return .perform(.logout)
            case .closed: return .close
            case .listing(let index): continueListing(from: index, into: &output)
            case .authorization, .exchanging, .transaction:
                guard takeLine(&input, into: &output) else {
                    return .needsInput(withinSeconds: configuration.autologoutSeconds)
                }
            }
        }
    }

    /// Is there enough to wait until the client has taken it?
    private func mustSend(_ output: ByteBuffer) -> Bool {
        if case .naming = state { return output.readableBytes > 0 }
        return output.readableBytes >= Self.outputOctetsMax
    }

    /// Reads and carries out one line; false when none has come whole.
    private mutating func takeLine(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> Bool {
        do throws(LineReader.Failure) {
            if case .exchanging(let exchange) = state {
                guard let line = try lines.next(from: &input, isInExchange: true) else { return false }
                continueExchange(exchange, line, into: &output)
            } else {
                guard let line = try lines.next(from: &input, isInExchange: false) else { return false }
                perform(line, into: &output)
            }
        } catch {
            Reply.error(error == .tooLong ? "Line too long" : "Lines end with CR LF").write(into: &output)
            end()
        }
        return true
    }

    private mutating func perform(_ line: [UInt8], into output: inout ByteBuffer) {
        do throws(CommandError) {
            try perform(try Command(line), into: &output)
        } catch {
            error.reply.write(into: &output)
            countBadCommand(into: &output)
        }
    }

    private mutating func countBadCommand(into output: inout ByteBuffer) {
        badCommands += 1
        if badCommands >= configuration.badCommandsMax { end() }
    }

    mutating func countFailedLogin() {
        failedLogins += 1
        if failedLogins >= configuration.failedLoginsMax { end() }
    }

    /// Leaves without the UPDATE state.
    mutating func end() { state = transaction == nil ? .closed : .loggingOut }

    public mutating func resume(with answer: Answer, into output: inout ByteBuffer) {
        if piece != nil {
            piece = nil
        } else {
            take(answer, into: &output)
        }
    }

    public mutating func handle(_ event: ConnectionEvent, into output: inout ByteBuffer) {
        switch (event, state) {
        case (.tlsStarted(let facts), _):
            isTLSActive = true
            endPoint = facts.endPoint
            // What was said in clear is forgotten (RFC 2595 §4).
            isUTF8 = false
            if case .startingTLS = state { state = .authorization(user: nil) }
        case (.woken, _), (_, .committing), (_, .closed): break
        case (.timedOut, _):
            // RFC 1939 §3: close without removing any messages or sending any response.
            end()
        case (.shuttingDown, .authorization), (.shuttingDown, .exchanging), (.shuttingDown, .transaction):
            Reply.error("[SYS/TEMP] Server is shutting down").write(into: &output)
            end()
        // In the middle of a listing, or of TLS, no line of ours would be understood.
        case (.shuttingDown, _): end()
        }
    }
}
