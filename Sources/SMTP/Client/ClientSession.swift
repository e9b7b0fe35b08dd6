public import MailCore
public import NIOCore

/// The sending side of one SMTP connection (RFC 5321), without the connection: any number of transactions, one behind
/// the other.
///
/// Call `advance` with what came (at first with nothing), send what it wrote, carry out its step.
public struct ClientSession: Sendable {
    enum State: Sendable {
        case awaiting(Exchange)
        case startingTLS
        case ready
        case inTransaction(Dialogue)
        case sendingBody(Dialogue)
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
    /// What goes out at the next `advance`.
    var pending = ByteBuffer()
    var stuffer = DotStuffer()
    var facts: PeerFacts
    /// The server holds a transaction of ours that brought no message: RSET goes before the next MAIL.
    var mustReset = false
    /// The session broke in a transaction whose results were handed out first.
    var failure: ClientFailure?

    /// - Parameter tls: the facts of a connection that speaks TLS from its first octet (RFC 8314 §3.3).
    public init(_ configuration: ClientConfiguration, tls: TLSFacts? = nil) {
        self.configuration = configuration
        facts = PeerFacts(greeting: "", hostname: "", extensions: Extensions(), tls: tls, isAuthenticated: false)
    }

    /// Consumes what it can of `input`, writes commands to `output`, and says what must happen next.
    ///
    /// What it leaves in `input` is to be handed in again, with what came since.
    public mutating func advance(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> ClientStep {
        while true {
            switch state {
            case .startingTLS:
                // RFC 3207 §6: what came in clear behind the 220 may be another's.
                guard input.readableBytes == 0 else {
                    fail(.malformedReply(.startTLS))
                    continue
                }
                return .startTLS
            case .ready: return .ready(facts)
            case .finished(let results): return .finished(results)
            case .failed(let failure): return .failed(failure)
            case .closed: return .close
            case .awaiting, .inTransaction, .sendingBody: break
            }
            output.writeBuffer(&pending)
            guard takeReply(&input) else { break }
        }
        if case .sendingBody = state { return .sendBody }
        return .needsInput(withinSeconds: seconds)
    }

    /// The handshake that `.startTLS` asked for is done; `advance` is called next.
    public mutating func tlsStarted(_ tls: TLSFacts) {
        guard case .startingTLS = state else { return }
        facts.tls = tls
        // RFC 3207 §4.2: what was learnt in clear is forgotten.
        facts.extensions = Extensions()
        sayHello()
    }

    /// Begins a transaction behind `.ready` or `.finished`; `advance` is called next.
    public mutating func begin(_ transaction: Transaction) {
        if let failure {
            state = .failed(failure)
            return
        }
        switch state {
        case .ready, .finished: begin(Dialogue(transaction, facts.extensions))
        case .awaiting, .startingTLS, .inTransaction, .sendingBody, .failed, .closed: break
        }
    }

    /// Writes the next octets of the message behind `.sendBody`, of any length: dot-stuffed, or as a chunk when they are
    /// binary.
    public mutating func writeBody(_ chunk: ByteBuffer, into output: inout ByteBuffer) {
        guard case .sendingBody(var dialogue) = state else { return }
        guard dialogue.transaction.isBinary else { return stuffer.write(chunk, into: &output) }
        guard chunk.readableBytes > 0 else { return }
        output.writeString("BDAT \(chunk.readableBytes)\r\n")
        output.writeImmutableBuffer(chunk)
        dialogue.chunks += 1
        state = .sendingBody(dialogue)
    }

    /// Ends the message; `advance` is called next. A message that cannot be read to its end is given up by closing the
    /// connection instead: then the server has nothing.
    public mutating func finishBody(into output: inout ByteBuffer) {
        guard case .sendingBody(var dialogue) = state else { return }
        if dialogue.transaction.isBinary {
            output.writeStaticString("BDAT 0 LAST\r\n")
            dialogue.chunks += 1
        } else {
            stuffer.finish(into: &output)
        }
        state = .inTransaction(dialogue)
    }

    /// Says goodbye behind `.ready` or `.finished`; `advance` is called next.
    public mutating func quit() {
        if let failure {
            state = .failed(failure)
            return
        }
        switch state {
        case .ready, .finished: ask("QUIT", .quit)
        case .awaiting, .startingTLS, .inTransaction, .sendingBody, .failed, .closed: break
        }
    }

    /// No octet came for as long as `needsInput` allowed, or none was taken while a body was sent.
    public mutating func timedOut() { fail(.timedOut(stage)) }

    /// The connection ended; `advance` says what that means.
    public mutating func disconnected() {
        if case .awaiting(.quit) = state {
            state = .closed
            return
        }
        fail(.disconnected(stage))
    }
}
