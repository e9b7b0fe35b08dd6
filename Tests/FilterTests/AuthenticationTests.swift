import DNS
import Execution
import Glibc
import MIME
import MailAuth
import MailCrypto
import NIOCore
import Testing

@testable import Filter

/// From the octets of a message to its verdict: SPF, DKIM, ARC and DMARC together.
@Suite struct AuthenticationTests {
    static let cpu = BlockingPool(name: "test-cpu", threads: 2, queueMax: 1_000)
    static let suffixes = PublicSuffixList(Array("org\nexample\n".utf8))

    static func key(_ domain: String) throws -> DKIMKey {
        try DKIMKey(domain: domain, selector: "s", key: signingKey)
    }

    static let signingKey: SigningKey = {
        guard let key = try? SigningKey(generating: .ed25519) else { preconditionFailure("no key can be made") }
        return key
    }()

    static func resolver(_ policy: String = "v=DMARC1; p=reject") throws -> StaticResolver {
        var zone: [String: [StaticResolver.Record]] = [
            "example.org": [.txt("v=spf1 -all"), .a("192.0.2.1")], "_dmarc.example.org": [.txt(policy)],
        ]
        for domain in ["example.org", "list.example"] {
            let key = try key(domain)
            zone[key.recordName] = [.txt(try key.recordText())]
        }
        return StaticResolver(zone)
    }

    static let text = "From: <ann@example.org>\r\nDate: Mon, 23 Nov 2026 21:02:54 +0000\r\nSubject: Hi\r\n\r\nHello\r\n"

    static func signed(_ text: String, by domain: String = "example.org") async throws -> String {
        let message = Message(parsing: ByteBuffer(string: text))
        let fields = try await DKIMSigner([key(domain)]).sign(
            message.header, body: InMemoryBody(of: message), unixSeconds: 1_795_000_000)
        return String(buffer: fields) + text
    }

    static func verdict(
        _ text: String, _ policy: String = "v=DMARC1; p=reject", _ change: (inout Options) -> Void = { _ in }
    ) async throws -> Verdict {
        let services = Services(resolver: try resolver(policy), suffixes: suffixes, files: files, cpu: cpu)
        return await Pipeline(options(change), services).examine(examination(text))
    }

    @Test("A signature of the author's domain outweighs a failing SPF")
    func passes() async throws {
        let verdict = try await Self.verdict(try await Self.signed(Self.text))
        let header = verdict.header().replacing("\r\n\t", with: " ")
        #expect(header.contains("; spf=fail "))
        #expect(
            header.contains("; dkim=pass header.d=example.org header.i=@example.org header.s=s header.a=ed25519-sha256")
        )
        #expect(header.contains("; arc=none; dmarc=pass reason=\"DKIM of example.org is aligned\" "))
        #expect(header.contains("policy.published-domain-policy=reject header.from=example.org"))
        #expect(verdict.dataReply == .accept)
        #expect(verdict.signals.map(\.stage).contains(.dkim))
    }

    @Test("RFC 7489 §10.3: what its domain wants refused is refused at DATA")
    func refuses() async throws {
        let spoiled = try await Self.signed(Self.text).replacing("Hello", with: "Pay now")
        for text in [Self.text, spoiled, try await Self.signed(Self.text, by: "list.example")] {
            let verdict = try await Self.verdict(text)
            #expect(verdict.dataReply == .refuse(JudgementTests.rejected))
            #expect(verdict.signal(.dmarc)?.name == "fail")
            #expect(verdict.header().replacing("\r\n\t", with: " ").contains("policy.applied-disposition=reject"))
        }
    }

    @Test("What its domain wants put apart goes to Junk, and its copy says why")
    func junks() async throws {
        let verdict = try await Self.verdict(Self.text, "v=DMARC1; p=quarantine")
        #expect(verdict.dataReply == .accept)
        #expect(verdict.action(for: ann) == .junk && verdict.action(for: bob) == .junk)
        let header = verdict.header().replacing("\r\n\t", with: " ")
        #expect(header.contains("dmarc=fail reason=\"no aligned pass; to Junk: its domain wants that\""))
        #expect(header.contains("policy.applied-disposition=quarantine"))
        #expect(header.contains("X-Postino-Spam: junk unscored (there is no classifier); policy=junk (dmarc);"))
    }

    @Test("Mail that a trusted list changed and sealed is delivered")
    func trustsSealers() async throws {
        let changed = Self.text.replacing("Subject: Hi", with: "Subject: [list] Hi")
        let message = Message(parsing: ByteBuffer(string: changed))
        let results = AuthenticationResults(
            authservID: "mx.list.example",
            results: [
                .init(
                    method: "dmarc", result: "pass",
                    properties: [.init(type: "header", name: "from", value: "example.org")])
            ])
        let seal = try await ARCSealer(Self.key("list.example")).seal(
            message.header, body: InMemoryBody(of: message), results: results, status: .none, unixSeconds: 1)
        let sealed = String(buffer: seal) + changed
        #expect(try await Self.verdict(sealed).dataReply == .refuse(JudgementTests.rejected))
        let verdict = try await Self.verdict(sealed) { $0.trustedSealers = ["list.example"] }
        #expect(verdict.dataReply == .accept && verdict.action(for: ann) == .accept)
        let header = verdict.header().replacing("\r\n\t", with: " ")
        #expect(header.contains("arc=pass smtp.remote-ip=192.0.2.1"))
        #expect(header.contains("not applied: list.example is trusted to have seen it pass"))
        #expect(verdict.signal(.arc)?.reason == "sealed by list.example")
    }

    @Test("Of several authors each domain is asked, and the strictest failure counts")
    func asksAllAuthors() async throws {
        let text = Self.text.replacing("<ann@example.org>", with: "<eve@other.example>, <ann@example.org>")
        #expect(try await Self.verdict(text).dataReply == .refuse(JudgementTests.rejected))
        let group = Self.text.replacing("<ann@example.org>", with: "Us: <eve@other.example>, <ann@example.org>;")
        #expect(try await Self.verdict(group).dataReply == .refuse(JudgementTests.rejected))
    }

    @Test("A spooled message is verified from its file, which is never in memory whole")
    func readsFiles() async throws {
        let text = try await Self.signed(Self.text + String(repeating: "0123456789  abcdef\r\n", count: 150_000))
        let octets = Array(text.utf8)
        var template = Array("/tmp/spool-XXXXXX".utf8CString)
        let descriptor = template.withUnsafeMutableBufferPointer { $0.baseAddress.map { mkstemp($0) } ?? -1 }
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        defer { unlink(path) }
        try #require(write(descriptor, octets, octets.count) == octets.count)
        defer { close(descriptor) }
        var spooled = examination()
        spooled.message = Message(parsing: ByteBuffer(bytes: octets.prefix(262_144)))
        spooled.content = .spooled(path: path)
        let pipeline = Pipeline(
            options { $0.authenticationMilliseconds = 60_000 },
            Services(resolver: try Self.resolver(), suffixes: Self.suffixes, files: Self.cpu, cpu: Self.cpu))
        let verdict = await pipeline.examine(spooled)
        #expect(verdict.header().contains("dkim=pass"), "\(verdict.header())")
        try #require(pwrite(descriptor, "X", 1, off_t(octets.count - 5)) == 1)
        #expect(await pipeline.examine(spooled).header().contains("dkim=fail"))
        spooled.content = .spooled(path: path + ".gone")
        #expect(await pipeline.examine(spooled).header().contains("dkim=temperror"))
    }

    @Test("60 bad signatures cost ten look-ups of keys, and the copy says that there were more")
    func boundsSignatures() async throws {
        let fields = (0..<60).map { number in
            "DKIM-Signature: v=1; a=rsa-sha256; d=d\(number).example; s=s; h=from; b=AAAA;"
                + " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n"
        }
        let verdict = try await Self.verdict(fields.joined() + Self.text, "v=DMARC1; p=none")
        #expect(verdict.header().ranges(of: "dkim=permerror").count == 10)
        #expect(verdict.signals.contains { $0.reason == "50 more signatures were not looked at" })
        #expect(verdict.dataReply == .accept)
    }
}
