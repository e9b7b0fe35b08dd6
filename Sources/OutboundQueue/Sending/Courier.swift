import MailCore
import MessageStore
import NIOCore
import SMTP
import Transport

/// Brings messages to one server, one behind the other; a simulation has its own.
protocol Conveyance: Sendable {
    /// The server has proven who it is, in a way that its domain asks for.
    var isVerified: Bool { get async }
    /// What the server announced.
    var extensions: Extensions { get async }

    /// - Parameters:
    ///   - message: in a form that the server takes.
    ///   - read: gives octets of a message that is not in memory.
    /// - Returns: one result for each recipient, in their order.
    /// - Throws: with no recipient settled, so that the message may go to another server at once.
    func deliver(
        _ consignment: Consignment, _ message: Outgoing,
        reading read: @Sendable (BodyReference, Range<Int>) async throws(Courier.Failure) -> ByteBuffer
    ) async throws(Courier.Failure) -> [RecipientResult]

    func close() async
}

/// Holds one SMTP session with one server, for as many messages as there are.
actor Courier: Conveyance {
    enum Failure: Error {
        case unreachable(String)
        /// TLS was begun and did not come about: the connection is of no more use.
        case handshake(String)
        /// It is not offered, and nothing goes without.
        case noTLS
        /// The session ended, and no recipient was settled by it.
        case session(RecipientResult)
        /// The message cannot be read from our own store.
        case unreadable(String)

        var result: RecipientResult {
            switch self {
            case .unreachable(let why): .temporary(Reply(451, "4.4.1", "The server cannot be reached: \(why)"))
            case .handshake(let why): .temporary(Reply(454, "4.7.5", "TLS with the server failed: \(why)"))
            case .noTLS: ClientFailure.tlsUnavailable.result
            case .session(let result): result
            case .unreadable: .temporary(Reply(451, "4.3.0", "The message could not be read here"))
            }
        }
    }

    static let connectSeconds = 30
    static let handshakeSeconds = 60
    /// RFC 5321 §4.5.3.2.5: for a data block to be taken, 3 minutes.
    static let blockSeconds = 180
    static let blockOctets = 262_144
    /// For a greeting with all that belongs to it, and for a transaction: a server that gives an octet every four
    /// minutes would hold its place for years.
    static let greetingSeconds = 900
    static let transactionSeconds = 1_800
    /// What a message's octets add to that.
    static let octetsPerSecondMin = 8_192

    let connection: ClientConnection
    private let target: Runner.Target
    private let security: ServerSecurity
    private let authorities: String?
    private let configuration: ClientConfiguration
    private var facts: PeerFacts?
    var session: ClientSession
    private var input = ByteBuffer()
    private var deadline = ContinuousClock.now + .seconds(greetingSeconds)

    private init(
        _ connection: ClientConnection, _ target: Runner.Target, _ security: ServerSecurity, hostname: String,
        authorities: String?
    ) {
        self.connection = connection
        self.target = target
        self.security = security
        self.authorities = authorities
        configuration = ClientConfiguration(
            hostname: hostname, tlsPolicy: security.sessionPolicy, credentials: target.credentials)
        session = ClientSession(configuration)
    }

    var isVerified: Bool { security.isProving && facts?.tls != nil }
    var extensions: Extensions { facts?.extensions ?? Extensions() }

    /// - Parameters:
    ///   - security: as the target asks, or weaker when that may be.
    ///   - authorities: a PEM file of authorities that are believed beside the system's.
    static func open(
        _ target: Runner.Target, security: ServerSecurity, hostname: String, authorities: String?, on loops: EventLoops
    ) async throws(Failure) -> Courier {
        let connection: ClientConnection
        do throws(ClientConnection.Failure) {
            connection = try await ClientConnection.connect(
                host: target.address, port: target.port, from: target.sources.source(for: target.address),
                withinSeconds: connectSeconds, on: loops)
        } catch {
            throw .unreachable("\(target.address) port \(target.port): \(error)")
        }
        let courier = Courier(connection, target, security, hostname: hostname, authorities: authorities)
        do throws(Failure) {
            try await courier.greet()
            return courier
        } catch {
            await connection.close()
            throw error
        }
    }

    func close() async {
        deadline = .now + .seconds(10)
        session.quit()
        _ = try? await drive()
        await connection.close()
    }

    private func greet() async throws(Failure) {
        if target.isImplicitTLS {
            // RFC 8314 §3.3: the greeting comes inside TLS.
            session = ClientSession(configuration, tls: try await handshake())
        }
        switch try await drive() {
        case .ready(let facts): self.facts = facts
        case .failed(.tlsUnavailable): throw .noTLS
        case .failed(let failure): throw .session(failure.result)
        case .needsInput, .startTLS, .sendBody, .finished, .close:
            throw .session(ClientFailure.malformedReply(.greeting).result)
        }
    }

    func allow(seconds: Int) { deadline = .now + .seconds(seconds) }

    /// Carries the dialogue on to the next step that is more than words.
    func drive() async throws(Failure) -> ClientStep {
        while true {
            var output = ByteBuffer()
            let step = session.advance(&input, into: &output)
            if output.readableBytes > 0 { await send(output) }
            switch step {
            case .needsInput(let seconds): await receive(withinSeconds: seconds)
            case .startTLS: try await startTLS()
            case .ready, .sendBody, .finished, .failed, .close: return step
            }
        }
    }

    /// What cannot be sent is no failure yet: the server may have said why before it closed, and that is read next.
    private func send(_ output: ByteBuffer) async {
        do throws(ClientConnection.Failure) {
            try await connection.write(output, withinSeconds: Self.blockSeconds)
        } catch {
            if error == .timedOut { session.timedOut() }
        }
    }

    func receive(withinSeconds seconds: Int) async {
        let left = deadline - .now
        do throws(ClientConnection.Failure) {
            guard left > .zero else { throw .timedOut }
            var octets = try await connection.read(withinSeconds: min(seconds, Int(left.components.seconds) + 1))
            input.discardReadBytes()
            input.writeBuffer(&octets)
        } catch {
            if error == .timedOut { session.timedOut() } else { session.disconnected() }
        }
    }

    private func startTLS() async throws(Failure) {
        let facts = try await handshake()
        session.tlsStarted(facts)
    }

    private func handshake() async throws(Failure) -> TLSFacts {
        do throws(ClientConnection.Failure) {
            return try await connection.startTLS(
                serverName: security.serverName ?? target.host, verification: security.verification(authorities),
                withinSeconds: Self.handshakeSeconds)
        } catch {
            throw .handshake("\(error)")
        }
    }
}

extension ServerSecurity {
    var sessionPolicy: ClientConfiguration.TLSPolicy {
        switch self {
        case .clear: .never
        case .opportunistic: .opportunistic
        case .testing: .opportunistic
        case .encrypted, .authenticated, .named, .dane: .required
        }
    }

    /// RFC 7672 §8.1: SNI says the name whose TLSA records were found.
    var serverName: String? {
        if case .dane(_, let names) = self { names.first } else { nil }
    }

    func verification(_ authorities: String?) -> ClientConnection.Verification {
        switch self {
        case .clear, .opportunistic, .encrypted: return .none
        case .authenticated, .named, .testing: return .full(authorities: authorities)
        case .dane(let records, let names):
            let check = DANECheck(records: records, names: names)
            return .judged { check.accepts($0) }
        }
    }
}
