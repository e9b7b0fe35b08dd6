import DNS
import Delivery
import Directory
import Execution
import Filter
import Glibc
import MailCore
import MailCrypto
import MessageStore
import NIOCore
import SMTP
import SQLite
import Testing
import Transport

@testable import SMTPServer

/// A store, a directory and an MX and a submission listener on loopback, without filter and certificate.
final class Bed: Sendable {
    let path: String
    let database: Database
    let store: MessageStore
    let registry: Registry
    let loops = EventLoops(threads: 1)
    let cpu = BlockingPool(name: "cpu", threads: 1, queueMax: 100)
    let files = BlockingPool(name: "files", threads: 1, queueMax: 100)

    init(resolver: any Resolver = DisabledResolver()) async throws {
        path =
            String(cString: getenv("TMPDIR") ?? strdup("/tmp")) + "/postino-smtp-\(UInt64.random(in: 0...UInt64.max))"
        mkdir(path, 0o700)
        database = try Database(
            options: .init(path: path + "/mail.db", chapters: [MessageStore.chapter, Registry.chapter]))
        var options = MessageStore.Options(directory: path)
        options.segmentOctetsMax = 1 << 20
        store = try MessageStore(options: options, database: database, cpu: cpu, files: files)
        registry = Registry(database: database, hashing: cpu, cost: .lab)
        try await registry.addDomain("example.test", postmaster: EmailAddress("ann@example.test"))
        let store = store
        try await registry.addAccounts(
            ["ann", "bob"].map {
                .init(address: EmailAddress(localPart: $0, domain: "example.test"), password: "secret")
            }
        ) { try store.createAccount($0, domain: $1, in: $2) }
        _ = try await registry.addAlias(
            EmailAddress("team@example.test")!,
            targets: [EmailAddress("ann@example.test")!, EmailAddress("far@elsewhere.test")!])
    }

    func services(
        resolver: any Resolver = DisabledResolver(), trusting networks: [IPNetwork] = [],
        limits: ClientLimits = ClientLimits()
    ) -> SMTPServer.Services {
        SMTPServer.Services(
            registry: registry, store: store, pipeline: .off(hostName: "mx.example.test"),
            delivery: Agent(registry: registry, store: store), resolver: resolver, hostname: "mx.example.test",
            trustedNetworks: networks, limits: limits, now: { 1_700_000_000 })
    }

    func listen(_ role: SMTP.ServerConfiguration.Role, resolver: any Resolver = DisabledResolver()) async throws
        -> Listener
    {
        let services = services(resolver: resolver)
        return try await Listener.start(
            .init(
                host: "127.0.0.1", port: 0, tls: nil, admission: Admission(totalMax: 10, perAddressMax: 10),
                refusal: "421 no\r\n"),
            on: loops,
            serving: SessionFactory { facts, _ in
                (
                    SMTP.ServerSession(.init(role: role, hostname: "mx.example.test"), tls: facts.tls),
                    MailSession(services: services, role: role, facts: facts)
                )
            })
    }

    /// Sends everything at once and reads to the end.
    func talk(_ port: Int, _ text: String) async throws -> [String] {
        let connection = try await ClientConnection.connect(host: "127.0.0.1", port: port, withinSeconds: 10, on: loops)
        try await connection.write(ByteBuffer(string: text.replacing("\n", with: "\r\n")), withinSeconds: 10)
        var said = ""
        while let part = try? await connection.read(withinSeconds: 30) { said += String(buffer: part) }
        return said.split(separator: "\r\n").map(String.init)
    }

    func inbox(of address: String) async throws -> [String] {
        guard case .account(let account, _) = try await registry.resolve(EmailAddress(address)!) else { return [] }
        let mailbox = try await store.mailbox(of: account, named: "INBOX")
        var texts: [String] = []
        for detail in try await store.details(
            of: mailbox.id, account: account, uids: 1...UInt32.max, limit: 100, want: [.prefix, .body])
        {
            guard let body = detail.body else { continue }
            texts.append(String(buffer: detail.prefix) + String(buffer: try await store.octets(of: body)))
        }
        return texts
    }

    func close() async {
        await loops.stop()
        await database.close()
        cpu.stop()
        files.stop()
    }
}

@Suite struct LoopbackTests {
    @Test("RFC 5321 §3.3: a message is in the mailbox, with its Return-Path and Received, when 250 is said")
    func delivers() async throws {
        let bed = try await Bed()
        let listener = try await bed.listen(.exchange)
        let said = try await bed.talk(
            listener.port,
            "EHLO c.test\nMAIL FROM:<s@far.test>\nRCPT TO:<Ann+tag@example.test>\nDATA\nSubject: hi\n\n..dot\n.\nQUIT\n"
        )
        #expect(said.last?.hasPrefix("221") == true, "\(said)")
        #expect(said.contains { $0.hasPrefix("250 2.6.0") })
        let inbox = try await bed.inbox(of: "ann@example.test")
        #expect(inbox.count == 1)
        #expect(
            inbox[0].hasPrefix(
                "Return-Path: <s@far.test>\r\nDelivered-To: Ann+tag@example.test\r\nReceived: from c.test"))
        #expect(inbox[0].hasSuffix("\r\nSubject: hi\r\n\r\n.dot\r\n"))
        await listener.stop(withinSeconds: 1)
        await bed.close()
    }

    @Test("An unknown mailbox is refused at RCPT, and nobody relays without a login")
    func refuses() async throws {
        let bed = try await Bed()
        let listener = try await bed.listen(.exchange)
        let said = try await bed.talk(
            listener.port,
            """
            EHLO c.test
            MAIL FROM:<s@far.test>
            RCPT TO:<nobody@example.test>
            RCPT TO:<x@elsewhere.test>
            RCPT TO:<"x@elsewhere.test"@example.test>
            RCPT TO:<x%elsewhere.test@example.test>
            RCPT TO:<@example.test:x@elsewhere.test>
            RCPT TO:<postmaster>
            QUIT

            """)
        let replies = said.filter { $0.hasPrefix("55") || $0.hasPrefix("250 2.1.5") }
        #expect(
            replies.map { String($0.prefix(9)) } == [
                "550 5.1.1", "550 5.7.1", "550 5.1.1", "550 5.1.1", "550 5.7.1", "250 2.1.5",
            ])
        await listener.stop(withinSeconds: 1)
        await bed.close()
    }

    @Test("An alias reaches its local and its remote target in one transaction")
    func followsAliases() async throws {
        let bed = try await Bed()
        let listener = try await bed.listen(.exchange)
        let said = try await bed.talk(
            listener.port,
            "EHLO c\nMAIL FROM:<>\nRCPT TO:<team@example.test>\nRCPT TO:<bob@example.test>\nDATA\nA: b\n\nx\n.\nQUIT\n")
        #expect(said.contains { $0.hasPrefix("250 2.6.0") }, "\(said)")
        #expect(try await bed.inbox(of: "ann@example.test").count == 1)
        #expect(try await bed.inbox(of: "bob@example.test").count == 1)
        let queue = try await bed.store.listQueue(.init(), limit: 10)
        #expect(queue.map(\.recipient.description) == ["far@elsewhere.test"])
        await listener.stop(withinSeconds: 1)
        await bed.close()
    }

    @Test(
        "RFC 7505, RFC 5321 §5.1: a sender whose domain takes no mail or does not exist is refused; one of ours exists"
    )
    func checksSenders() async throws {
        let bed = try await Bed()
        let resolver = StaticResolver(["null.test": [.mx(0, ".")], "good.test": [.mx(10, "mx.good.test")]])
        let listener = try await bed.listen(.exchange, resolver: resolver)
        let said = try await bed.talk(
            listener.port,
            "EHLO c\nMAIL FROM:<a@null.test>\nMAIL FROM:<a@missing.test>\nMAIL FROM:<a@good.test>\nRSET\n"
                + "MAIL FROM:<ann@example.test>\nQUIT\n")
        #expect(said.contains { $0.hasPrefix("550 5.7.27") } && said.contains { $0.hasPrefix("550 5.1.8") })
        // The DNS knows nothing of example.test.
        #expect(said.count { $0.hasPrefix("250 2.1.0") } == 2, "\(said)")
        await listener.stop(withinSeconds: 1)
        await bed.close()
    }

    @Test("A message above 1 MiB goes through a file and arrives whole")
    func spools() async throws {
        let bed = try await Bed()
        let listener = try await bed.listen(.exchange)
        let line = String(repeating: "0123456789abcdef", count: 4) + "\n"
        let body = String(repeating: line, count: 40_000)
        let said = try await bed.talk(
            listener.port, "EHLO c\nMAIL FROM:<>\nRCPT TO:<bob@example.test>\nDATA\nA: b\n\n\(body).\nQUIT\n")
        #expect(said.contains { $0.hasPrefix("250 2.6.0") }, "\(said)")
        let inbox = try await bed.inbox(of: "bob@example.test")
        #expect(inbox.first?.hasSuffix("A: b\r\n\r\n" + body.replacing("\n", with: "\r\n")) == true)
        await listener.stop(withinSeconds: 1)
        await bed.close()
    }

    @Test("RFC 4954 §4: without TLS there is no AUTH, and without AUTH no submission")
    func wantsLogin() async throws {
        let bed = try await Bed()
        let listener = try await bed.listen(.submission)
        let said = try await bed.talk(listener.port, "EHLO c\nMAIL FROM:<ann@example.test>\nQUIT\n")
        #expect(!said.contains { $0.contains("AUTH") })
        #expect(said.contains { $0.hasPrefix("530") }, "\(said)")
        await listener.stop(withinSeconds: 1)
        await bed.close()
    }
}
