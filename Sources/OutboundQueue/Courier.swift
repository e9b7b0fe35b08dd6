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
        case session(ClientFailure)

        var result: RecipientResult {
            switch self {
            case .unreachable(let why): .temporary(Reply(451, "4.4.1", "The server cannot be reached: \(why)"))
            case .handshake(let why): .temporary(Reply(454, "4.7.0", "TLS with the server failed: \(why)"))
            case .session(let failure): failure.result
            }
        }
    }

    static let connectSeconds = 30
    static let handshakeSeconds = 60
    /// RFC 5321 §4.5.3.2.5: for a data block to be taken, 3 minutes.
    static let blockSeconds = 180
    static let blockOctets = 262_144

    private let connection: ClientConnection
    private let target: Runner.Target
    private var session: ClientSession
    private var input = ByteBuffer()

    private init(_ connection: ClientConnection, _ target: Runner.Target, _ session: ClientSession) {
        self.connection = connection
        self.target = target
        self.session = session
    }

    static func open(
        _ target: Runner.Target, hostname: String, policy: ClientConfiguration.TLSPolicy, on loops: EventLoops
    ) async throws(Failure) -> Courier {
        let connection: ClientConnection
        do {
            connection = try await ClientConnection.connect(
                host: target.address, port: target.port, withinSeconds: connectSeconds, on: loops)
        } catch {
            throw .unreachable("\(target.address) port \(target.port): \(error)")
        }
        let session = ClientSession(ClientConfiguration(hostname: hostname, tlsPolicy: policy))
        let courier = Courier(connection, target, session)
        do {
            try await courier.greet()
            return courier
        } catch {
            await connection.close()
            throw error
        }
    }

    /// - Parameter read: gives octets of the body.
    /// - Returns: one result for each recipient, in their order.
    func deliver(
        _ consignment: Consignment, reading read: @Sendable (Range<Int>) async throws -> ByteBuffer
    ) async throws -> [RecipientResult] {
        session.begin(
            Transaction(
                reversePath: consignment.reversePath, recipients: consignment.recipients.map(\.recipient),
                sizeOctets: consignment.body.octetCount, isEightBit: consignment.options.isEightBit))
        switch try await drive() {
        case .finished(let results): return results
        case .failed(let failure): throw Failure.session(failure)
        case .sendBody: try await sendBody(consignment.body.octetCount, read)
        case .needsInput, .startTLS, .ready, .close: throw Failure.session(.malformedReply(.transaction))
        }
        switch try await drive() {
        case .finished(let results): return results
        case .failed(let failure): throw Failure.session(failure)
        case .needsInput, .startTLS, .ready, .sendBody, .close: throw Failure.session(.malformedReply(.endOfData))
        }
    }

    func close() async {
        session.quit()
        _ = try? await drive()
        await connection.close()
    }

    private func greet() async throws(Failure) {
        switch try await drive() {
        case .ready: return
        case .failed(let failure): throw .session(failure)
        case .needsInput, .startTLS, .sendBody, .finished, .close: throw .session(.malformedReply(.greeting))
        }
    }

    private func sendBody(_ octets: Int, _ read: @Sendable (Range<Int>) async throws -> ByteBuffer) async throws {
        var position = 0
        while position < octets {
            let end = min(position + Self.blockOctets, octets)
            let block = try await read(position..<end)
            guard block.readableBytes == end - position else { throw Failure.session(.disconnected(.data)) }
            var output = ByteBuffer()
            session.writeBody(block, into: &output)
            try await connection.write(output, withinSeconds: Self.blockSeconds)
            position = end
        }
        var output = ByteBuffer()
        session.finishBody(into: &output)
        try await connection.write(output, withinSeconds: Self.blockSeconds)
    }

    /// Carries the dialogue on to the next step that is more than words.
    private func drive() async throws(Failure) -> ClientStep {
        while true {
            var output = ByteBuffer()
            let step = session.advance(&input, into: &output)
            if output.readableBytes > 0 {
                do {
                    try await connection.write(output, withinSeconds: Self.blockSeconds)
                } catch {
                    session.disconnected()
                }
            }
            switch step {
            case .needsInput(let seconds): await receive(withinSeconds: seconds)
            case .startTLS: try await startTLS()
            case .ready, .sendBody, .finished, .failed, .close: return step
            }
        }
    }

    private func receive(withinSeconds seconds: Int) async {
        do {
            var octets = try await connection.read(withinSeconds: seconds)
            input.discardReadBytes()
            input.writeBuffer(&octets)
        } catch .timedOut {
            session.timedOut()
        } catch {
            session.disconnected()
        }
    }

    private func startTLS() async throws(Failure) {
        do {
            let facts = try await connection.startTLS(
                serverName: target.host, verification: .none, withinSeconds: Self.handshakeSeconds)
            session.tlsStarted(facts)
        } catch {
            throw .handshake("\(error)")
        }
    }
}
