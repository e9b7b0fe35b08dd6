import MailCore
import MessageStore
import NIOCore
import SMTP
import Transport

/// Holds one SMTP session with one server, for as many messages as there are.
actor Courier {
    enum Failure: Error {
        case unreachable(String)
        /// TLS was begun and did not come about: the connection is of no more use.
        case handshake(String)
        /// The session ended, and no recipient was settled by it.
        case session(RecipientResult)
        /// The message cannot be read from our own store.
        case unreadable(String)

        var result: RecipientResult {
            switch self {
            case .unreachable(let why): .temporary(Reply(451, "4.4.1", "The server cannot be reached: \(why)"))
            case .handshake(let why): .temporary(Reply(454, "4.7.0", "TLS with the server failed: \(why)"))
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
    var session: ClientSession
    private var input = ByteBuffer()
    private var deadline = ContinuousClock.now + .seconds(greetingSeconds)

    private init(_ connection: ClientConnection, _ target: Runner.Target, _ session: ClientSession) {
        self.connection = connection
        self.target = target
        self.session = session
    }

    static func open(
        _ target: Runner.Target, hostname: String, policy: ClientConfiguration.TLSPolicy, on loops: EventLoops
    ) async throws(Failure) -> Courier {
        let connection: ClientConnection
        do throws(ClientConnection.Failure) {
            connection = try await ClientConnection.connect(
                host: target.address, port: target.port, withinSeconds: connectSeconds, on: loops)
        } catch {
            throw .unreachable("\(target.address) port \(target.port): \(error)")
        }
        let session = ClientSession(ClientConfiguration(hostname: hostname, tlsPolicy: policy))
        let courier = Courier(connection, target, session)
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
        switch try await drive() {
        case .ready: return
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
        do throws(ClientConnection.Failure) {
            let facts = try await connection.startTLS(
                serverName: target.host, verification: .none, withinSeconds: Self.handshakeSeconds)
            session.tlsStarted(facts)
        } catch {
            throw .handshake("\(error)")
        }
    }
}
