import MailCore
import NIOCore
import SASL
import Testing

@testable import SMTP

/// Plays the client's lines to a session and answers its requests as a small server would.
struct ServerPlayer {
    var session: ServerSession
    var settings: [String: String]
    var input = ByteBuffer()
    var output = ByteBuffer()
    var step: Step<ServerSession.Request>?
    var requests: [String] = []
    /// Messages that were taken, with their envelopes.
    var delivered: [(envelope: Envelope, message: [UInt8])] = []
    var spool: [UInt8] = []
    var discards = 0

    init(_ settings: [String: String] = [:]) {
        self.settings = settings
        func number(_ key: String, _ value: inout Int) { if let text = settings[key], let n = Int(text) { value = n } }
        var configuration = ServerConfiguration(
            role: settings["role"] == "submission" ? .submission : settings["role"] == "lmtp" ? .lmtp : .exchange,
            hostname: "mx.example.test",
            isSTARTTLSOffered: settings["starttls"] == "on")
        number("messageOctetsMax", &configuration.messageOctetsMax)
        number("memoryOctetsMax", &configuration.memoryOctetsMax)
        number("discardedOctetsMax", &configuration.discardedOctetsMax)
        number("commandOctetsMax", &configuration.commandOctetsMax)
        number("recipientsMax", &configuration.recipientsMax)
        number("refusedRecipientsMax", &configuration.refusedRecipientsMax)
        number("errorsMax", &configuration.errorsMax)
        number("idleCommandsMax", &configuration.idleCommandsMax)
        number("chunksMax", &configuration.chunksMax)
        number("greetingDelaySeconds", &configuration.greetingDelaySeconds)
        if settings["bare"] == "refuse" { configuration.bareLineEnds = .refuse }
        configuration.offersSCRAM = settings["scram"] == "on"
        var tls = settings["tls"].map { _ in TLSFacts(version: "TLSv1.3", cipher: "AES") }
        if settings["tls"] == "bound" { tls?.endPoint = Array(0..<32) }
        session = ServerSession(configuration, tls: tls)
        session.start(into: &output)
        run()
    }

    mutating func feed(_ octets: some Sequence<UInt8>) {
        input.writeBytes(octets)
        run()
    }

    mutating func feed(_ text: String) { feed(text.utf8) }

    mutating func handle(_ event: ConnectionEvent) {
        session.handle(event, into: &output)
        run()
    }

    mutating func run() {
        while true {
            let next = session.advance(&input, into: &output)
            step = next
            guard case .perform(let request) = next else { return }
            session.resume(with: answer(request), into: &output)
        }
    }

    mutating func takeOutput() -> String { output.readString(length: output.readableBytes) ?? "" }

    private mutating func answer(_ request: ServerSession.Request) -> ServerSession.Answer {
        switch request {
        case .connected:
            requests.append("connected")
            guard let code = settings["greeting"].flatMap(Int.init) else { return .accepted }
            return .reply(Reply(code, nil, "mx.example.test Not for you"))
        case .checkSender(let envelope):
            requests.append("sender \(envelope.reversePath)")
            switch envelope.reversePath.address?.localPart {
            case "refused": return .reply(Reply(550, "5.7.1", "Not this sender"))
            case "later": return .reply(Reply(451, "4.7.1", "Not now"))
            default: return .accepted
            }
        case .spokeFirst:
            requests.append("spoke first")
            return .accepted
        case .checkRecipient(let recipient, _):
            requests.append("recipient \(recipient)")
            switch recipient.address?.localPart {
            case "nobody": return .reply(Reply(550, "5.1.1", "No such mailbox here"))
            case "full": return .reply(Reply(452, "4.2.2", "Mailbox full"))
            case "shut": return .reply(Reply(421, "4.3.2", "mx.example.test Enough"))
            default: return .accepted
            }
        case .authenticate(let credentials):
            requests.append("authenticate \(credentials)")
            switch credentials.password {
            case "secret": return .authenticated(login: credentials.authenticationIdentity)
            case "down": return .reply(Reply(454, "4.7.0", "Temporary authentication failure"))
            default: return .authenticationFailed
            }
        case .findKeys(let login):
            requests.append("keys \(login)")
            return .keys(exampleOffer)
        case .admit(let claim):
            requests.append("admit \(claim.authenticationIdentity) \(claim.isProven)")
            return claim.isProven ? .authenticated(login: claim.authenticationIdentity) : .authenticationFailed
        case .spool(let chunk):
            requests.append("spool")
            if settings["spool"] == "fails" { return .reply(.localError) }
            spool += Array(chunk.readableBytesView)
            return .accepted
        case .discardSpool:
            requests.append("discard")
            discards += 1
            spool = []
            return .accepted
        case .deliver(let envelope, let body):
            requests.append("deliver")
            let message: [UInt8]
            switch body {
            case .memory(let buffer): message = Array(buffer.readableBytesView)
            case .spooled(let octets):
                #expect(octets == spool.count)
                message = spool
                spool = []
            }
            if String(decoding: message, as: UTF8.self).contains("VIRUS") {
                return .reply(Reply(554, "5.7.1", "Virus found"))
            }
            delivered.append((envelope, message))
            return .accepted
        }
    }
}
