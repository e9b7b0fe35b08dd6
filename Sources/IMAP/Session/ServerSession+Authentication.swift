import MailCore
import NIOCore
import SASL

/// RFC 3501 §6.2.2 and §6.2.3.
extension ServerSession {
    /// RFC 3501 §6.2.3: no password in clear where LOGINDISABLED is announced.
    mutating func mayLogIn(_ pending: Pending, into output: inout ByteBuffer) -> Bool {
        if hasTLS || configuration.allowsCleartextLogin { return true }
        complete(pending, .no(.privacyRequired, "Log in under TLS only"), into: &output)
        return false
    }

    mutating func authenticate(
        _ pending: Pending, _ mechanism: String, _ initialResponse: [UInt8]?, into output: inout ByteBuffer
    ) {
        guard let mechanism = Mechanism(name: mechanism.utf8) else {
            return complete(pending, .no(.cannot, "This mechanism is not known here"), into: &output)
        }
        var exchange = ServerExchange(mechanism, endPoint: configuration.offersSCRAM ? endPoint : nil)
        let step = exchange.start(initialResponseText: initialResponse)
        proceed(step, pending, exchange, into: &output)
    }

    /// Reads the client's answer to a challenge.
    mutating func readResponse(
        _ input: inout ByteBuffer, _ pending: Pending, _ exchange: ServerExchange, into output: inout ByteBuffer
    ) -> Step<Request>? {
        var exchange = exchange
        do throws(CommandFramer.Failure) {
            guard let line = try framer.line(&input, octetsMax: configuration.lineOctetsMaxBeforeLogin) else {
                return needsInput
            }
            proceed(exchange.respond(line: line.text.readableBytesView), pending, exchange, into: &output)
        } catch {
            end(nil, "The line is too long", into: &output)
        }
        return nil
    }

    mutating func provide(
        _ offer: SCRAMOffer, to exchange: ServerExchange, _ pending: Pending, into output: inout ByteBuffer
    ) {
        var exchange = exchange
        let step = exchange.provide(offer)
        proceed(step, pending, exchange, into: &output)
    }

    private mutating func proceed(
        _ step: ServerExchange.Step, _ pending: Pending, _ exchange: ServerExchange, into output: inout ByteBuffer
    ) {
        switch step {
        case .challenge(let challenge):
            output.writeStaticString("+ ")
            Base64.encode(challenge, into: &output)
            output.writeLineEnd()
            phase = .authenticating(pending, exchange)
        case .verify(let credentials): ask(.authenticate(credentials), pending)
        case .lookUp(let login): ask(.findKeys(login: login), pending, next: .exchange(exchange))
        case .admit(let claim): ask(.admit(claim), pending)
        case .failed(let failure): complete(pending, Self.completion(failure), into: &output)
        }
    }

    private static func completion(_ failure: ServerExchange.Failure) -> Completion {
        switch failure {
        // RFC 3501 §6.2.2: a tagged BAD to a client that cancels.
        case .cancelled: .bad("Authentication cancelled")
        case .malformedBase64: .bad("The response is not base64")
        case .tooLong: .bad("The response is too long")
        case .malformedMessage: .no(.authenticationFailed, "The response is not what the mechanism wants")
        case .channelBinding: .no(.authenticationFailed, "The channel is not tied as it was offered")
        case .unexpected: .bad("No response was asked for")
        }
    }
}
