import DNS
import Execution
import MIME
import MailAuth
import MailCore
import MailCrypto
import NIOCore
import Testing

@testable import OutboundQueue

@Suite("Signing on the way out", .timeLimit(.minutes(2))) struct SigningTests {
    private static func keys() throws -> [DKIMKey] {
        try ["rsa", "ed25519"].map { name in
            let kind = try #require(KeyKind(rawValue: name))
            return try DKIMKey(domain: "here.test", selector: name, key: SigningKey(generating: kind))
        }
    }

    private static func zone(_ keys: [DKIMKey]) throws -> StaticResolver {
        var zone: [String: [StaticResolver.Record]] = [
            "a.test": [.mx(10, "mx.a.test")], "mx.a.test": [.a("127.0.0.1")],
        ]
        for key in keys { zone[key.recordName] = [.txt(try key.recordText())] }
        return StaticResolver(zone)
    }

    private static let text = "From: Ann <ann@here.test>\r\nSubject: Hello\r\n\r\nHello.\r\n"

    /// What the server got, dot-stuffing undone where the text has no dots.
    private func sent(
        _ options: QueueOptions, from reversePath: String = "ann@here.test", text: String = Self.text
    ) async throws -> (message: MIME.Message, resolver: StaticResolver) {
        let keys = try Self.keys()
        let resolver = try Self.zone(keys)
        var octets = ""
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let signing = Signing(pool: bed.pool) { $0 == "here.test" ? keys : [] }
            let runner = bed.runner(resolver: resolver, port: server.port, signing: signing)
            try await bed.queue(text: text, "x@a.test", from: reversePath, options: options)
            await runner.start()
            try await bed.untilEmpty()
            await runner.stop(withinSeconds: 5)
            octets = server.accepted.first?.octets ?? ""
            #expect(server.commands.contains { $0.hasPrefix("MAIL FROM:<\(reversePath)>") })
            await server.stop()
        }
        return (MIME.Message(parsing: ByteBuffer(string: octets)), resolver)
    }

    private func verified(_ message: MIME.Message, _ resolver: StaticResolver) async -> [DKIMOutcome] {
        let verifier = SignatureVerifier(resolver: resolver)
        return await verifier.verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: 1_900_000_000
        ).dkim
    }

    @Test("RFC 6376, RFC 8463: what was written here bears two good signatures of its author's domain")
    func signs() async throws {
        let (message, resolver) = try await sent(QueueOptions(isOurs: true))
        let outcomes = await verified(message, resolver)
        #expect(outcomes.map(\.result) == [.pass, .pass], "\(outcomes.map(\.reason))")
        #expect(outcomes.map(\.selector) == ["rsa", "ed25519"] && outcomes.allSatisfy { $0.domain == "here.test" })
    }

    @Test("A notice, with the null reverse-path, is signed by the domain that it is from")
    func signsNotices() async throws {
        let (message, resolver) = try await sent(QueueOptions(isOurs: true), from: "")
        #expect(await verified(message, resolver).map(\.result) == [.pass, .pass])
    }

    @Test("What others wrote is not signed, whatever its From says; nor what is from a domain without keys")
    func leavesOthers() async throws {
        let (forwarded, _) = try await sent(QueueOptions())
        #expect(!forwarded.header.contains("DKIM-Signature"))
        let (other, _) = try await sent(
            QueueOptions(isOurs: true), from: "ann@else.test", text: Self.text.replacing("here.test", with: "else.test")
        )
        #expect(!other.header.contains("DKIM-Signature"))
    }

    @Test("RFC 8617: what is sent on is sealed by the domain that forwards it, with what was found when it came")
    func seals() async throws {
        var options = QueueOptions()
        options.seal = .init(domain: "here.test", status: "none", results: "mx.here.test; spf=pass smtp.mailfrom=a@b.c")
        let (message, resolver) = try await sent(options, from: "SRS0=x@here.test")
        let verdict = await SignatureVerifier(resolver: resolver).verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: 1_900_000_000)
        #expect(verdict.arc.status == .pass, "\(verdict.arc.reason)")
        #expect(verdict.arc.sealers.map(\.domain) == ["here.test"])
        #expect(message.header.text("ARC-Authentication-Results")?.contains("spf=pass smtp.mailfrom=a@b.c") == true)
        #expect(!message.header.contains("DKIM-Signature"))
    }
}
