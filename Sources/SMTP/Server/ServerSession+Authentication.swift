import MailCore
import NIOCore
import SASL

/// AUTH (RFC 4954): at submission only, under TLS only, once.
extension ServerSession {
    mutating func auth(
        _ mechanism: [UInt8], _ initialResponse: [UInt8]?, _ phase: Phase, _ output: inout ByteBuffer
    ) {
        guard configuration.role == .submission else { return refuse(.authenticationNotServed, &output) }
        switch phase {
        case .connected: return refuse(.helloFirst, &output)
        case .inTransaction, .betweenChunks: return refuse(.notInTransaction, &output)
        case .ready: break
        }
        guard let tls else { return refuse(.encryptionRequired, &output) }
        guard login == nil else { return refuse(.authenticatedAlready, &output) }
        guard let known = Mechanism(name: mechanism) else { return refuse(.mechanismUnknown, &output) }
        var exchange = ServerExchange(known, endPoint: configuration.offersSCRAM ? tls.endPoint : nil)
        let step = exchange.start(initialResponseText: initialResponse)
        follow(step, exchange, &output)
    }

    /// Takes the line that answers a challenge.
    mutating func respond(_ line: [UInt8], _ exchange: ServerExchange, _ output: inout ByteBuffer) {
        var exchange = exchange
        let step = exchange.respond(line: line)
        follow(step, exchange, &output)
    }

    mutating func provide(_ offer: SCRAMOffer, _ exchange: ServerExchange, _ output: inout ByteBuffer) {
        var exchange = exchange
        let step = exchange.provide(offer)
        follow(step, exchange, &output)
    }

    private mutating func follow(_ step: ServerExchange.Step, _ exchange: ServerExchange, _ output: inout ByteBuffer) {
        switch step {
        case .challenge(let octets):
            output.writeStaticString("334 ")
            Base64.encode(octets, into: &output)
            output.writeStaticString("\r\n")
            state = .authenticating(exchange)
        case .verify(let credentials):
            state = .waiting(.credentials(credentials))
        case .lookUp(let login):
            state = .waiting(.keys(exchange, login: login))
        case .admit(let claim):
            state = .waiting(.claim(claim))
        case .failed(let failure):
            state = .commanding(.ready)
            refuse(failure.reply, &output)
        }
    }

    /// The last failure that is borne gets 421: whoever guesses must connect again.
    mutating func authenticationFailed(_ output: inout ByteBuffer) {
        state = .commanding(.ready)
        authenticationFailures += 1
        guard authenticationFailures < configuration.authenticationFailuresMax else {
            return end(Reply(421, "4.7.0", "\(configuration.hostname) Too many failed logins"), into: &output)
        }
        Reply.authenticationFailed.write(into: &output)
    }
}

extension ServerExchange.Failure {
    fileprivate var reply: Reply {
        switch self {
        case .cancelled: .authenticationCancelled
        case .tooLong: .authenticationTooLong
        case .channelBinding: .authenticationFailed
        case .malformedBase64, .malformedMessage, .unexpected: .authenticationMalformed
        }
    }
}
