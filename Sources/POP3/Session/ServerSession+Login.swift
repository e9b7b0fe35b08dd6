import NIOCore
import SASL

extension ServerSession {
    /// USER and PASS (RFC 1939 §7).
    mutating func authenticate(_ user: [UInt8], _ password: [UInt8], into output: inout ByteBuffer) {
        // What a mechanism would not take is refused here too, with the words for a wrong password.
        guard user.count <= Credentials.identityOctetsMax, password.count <= Credentials.passwordOctetsMax,
            !user.contains(0), !password.contains(0),
            let name = String(validating: user, as: UTF8.self),
            let password = String(validating: password, as: UTF8.self)
        else { return refuseLogin(.credentials, into: &output) }
        state = .authenticating(Credentials(authenticationIdentity: name, password: password))
    }

    /// AUTH (RFC 5034 §4).
    mutating func startExchange(_ authentication: Command.Authentication?, into output: inout ByteBuffer) {
        guard let authentication else { return writeMechanisms(into: &output) }
        guard let mechanism = Mechanism(name: authentication.mechanism) else {
            return Reply.error("No such mechanism").write(into: &output)
        }
        var exchange = ServerExchange(mechanism, endPoint: configuration.offersSCRAM ? endPoint : nil)
        let step = exchange.start(initialResponseText: authentication.initialResponse)
        take(step, of: exchange, into: &output)
    }

    mutating func continueExchange(
        _ exchange: ServerExchange, _ line: [UInt8], into output: inout ByteBuffer
    ) {
        var exchange = exchange
        let step = exchange.respond(line: line)
        take(step, of: exchange, into: &output)
    }

    mutating func provide(_ offer: SCRAMOffer, to exchange: ServerExchange, into output: inout ByteBuffer) {
        var exchange = exchange
        let step = exchange.provide(offer)
        take(step, of: exchange, into: &output)
    }

    private mutating func take(
        _ step: ServerExchange.Step, of exchange: ServerExchange, into output: inout ByteBuffer
    ) {
        switch step {
        case .challenge(let octets):
            output.writeStaticString("+ ")
            Base64.encode(octets, into: &output)
            output.writeStaticString("\r\n")
            state = .exchanging(exchange)
        case .verify(let credentials):
            state = .authenticating(credentials)
        case .lookUp(let login): state = .findingKeys(exchange, login: login)
        case .admit(let claim): state = .admitting(claim)
        case .failed(.cancelled):
            state = .authorization(user: nil)
            Reply.error("Authentication cancelled").write(into: &output)
            countFailedLogin()
        case .failed:
            state = .authorization(user: nil)
            Reply.error("Malformed authentication").write(into: &output)
            countFailedLogin()
        }
    }

    mutating func refuseLogin(_ failure: Failure, into output: inout ByteBuffer) {
        state = .authorization(user: nil)
        Reply(failure).write(into: &output)
        countFailedLogin()
    }

    /// As servers did before RFC 5034 made CAPA the place for it.
    private func writeMechanisms(into output: inout ByteBuffer) {
        Reply.ok("Mechanisms follow").write(into: &output)
        for mechanism in mechanisms { output.writeString("\(mechanism.rawValue)\r\n") }
        output.writeStaticString(".\r\n")
    }

    private var mechanisms: [Mechanism] {
        Mechanism.offered(scram: configuration.offersSCRAM, isBound: endPoint != nil)
    }

    /// CAPA (RFC 2449 §5, §6).
    func writeCapabilities(into output: inout ByteBuffer) {
        Reply.ok("Capabilities follow").write(into: &output)
        output.writeStaticString("TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\n")
        // RFC 6856 §2.1: USER says that names and passwords may be UTF-8 in any case.
        output.writeStaticString("UTF8 USER\r\nLANG\r\n")
        if configuration.loginDelaySeconds > 0 {
            output.writeString("LOGIN-DELAY \(configuration.loginDelaySeconds)\r\n")
        }
        if takesLogin {
            let names = mechanisms.map(\.rawValue).joined(separator: " ")
            output.writeString("USER\r\nSASL \(names)\r\n")
        }
        if configuration.offersTLS, !isTLSActive { output.writeStaticString("STLS\r\n") }
        output.writeStaticString("IMPLEMENTATION Postino\r\n.\r\n")
    }
}
