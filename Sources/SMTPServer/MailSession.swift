import DNS
import Delivery
import Directory
import Filter
import Logging
public import MailCore
import MessageStore
import NIOCore
import Observation
import SASL
public import SMTP
public import Transport

/// The server's half of one SMTP connection: asks the directory, the filter and the store what the engine wants to know.
public actor MailSession: Session {
    public typealias Engine = SMTP.ServerSession

    let services: Services
    let role: SMTP.ServerConfiguration.Role
    let facts: ConnectionFacts
    let client: IPAddress?
    let log: Logger
    /// Set after AUTH.
    var account: Account?
    /// What the current transaction was last known to be; its Received line comes from here when a message is spooled.
    var envelope: Envelope?
    var spool: Spool?
    var transactions = 0

    public init(services: Services, role: SMTP.ServerConfiguration.Role, facts: ConnectionFacts) {
        self.services = services
        self.role = role
        self.facts = facts
        client = IPAddress(facts.remote.host)
        var log = Log.logger("smtp")
        log[metadataKey: "connection"] = "\(facts.identifier)"
        log[metadataKey: "client"] = "\(facts.remote.host)"
        self.log = log
    }

    public func perform(_ request: Engine.Request, _ responses: ResponseStream) async -> Engine.Answer {
        await answer(to: request)
    }

    func answer(to request: Engine.Request) async -> Engine.Answer {
        switch request {
        case .connected:
            SMTPCounters.connections.increment()
            return greet()
        case .spokeFirst:
            SMTPCounters.spokeFirst.increment()
            log.notice("client spoke before the greeting")
            return .accepted
        case .checkSender(let envelope): return await checkSender(envelope)
        case .checkRecipient(let recipient, let envelope): return await checkRecipient(recipient, envelope)
        case .authenticate(let credentials): return await authenticate(credentials)
        case .findKeys(let login): return await findKeys(login)
        case .admit(let claim): return await admit(claim)
        case .spool(let octets): return await spool(octets)
        case .deliver(let envelope, let body): return await deliver(envelope, body)
        case .discardSpool:
            spool = nil
            return .accepted
        }
    }

    public func closed() async { spool = nil }

    /// The address that limits count by: of a stranger, from outside, at the door for strangers.
    nonisolated var stranger: IPAddress? {
        guard role == .exchange, !isTrusted, let client, !client.isLoopback else { return nil }
        return client
    }

    /// How long its greeting is to wait.
    public nonisolated var greetingDelaySeconds: Int {
        stranger.map { services.clients.greetingDelaySeconds($0) } ?? 0
    }

    private func greet() -> Engine.Answer {
        guard let stranger, services.clients.isGuessing(stranger) else { return .accepted }
        SMTPCounters.limited.increment()
        return refused(
            "connection",
            Reply(421, "4.7.1", "\(services.hostname) Too many unknown recipients lately, come back later"))
    }

    /// Mail of a trusted network is relayed as if its sender had logged in.
    nonisolated var isTrusted: Bool {
        guard let client else { return false }
        return services.trustedNetworks.contains { $0.contains(client) }
    }

    func refused(_ what: String, _ reply: Reply) -> Engine.Answer {
        log.info("\(what) refused", metadata: ["reply": "\(reply)"])
        return .reply(reply)
    }
}
