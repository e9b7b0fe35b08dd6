import DNS
import MIME
import MailAuth
import MailCrypto
import NIOCore
import Testing

@Suite struct SignerTests {
    static func keys() throws -> [DKIMKey] {
        [
            try DKIMKey(domain: "Example.ORG", selector: "r2026", key: DKIMRecipe.rsaKey),
            try DKIMKey(domain: "example.org", selector: "e2026", key: DKIMRecipe.ed25519Key),
        ]
    }

    static func resolver() throws -> StaticResolver {
        var zone: [String: [StaticResolver.Record]] = [:]
        for key in try keys() { zone[key.recordName] = [.txt(try key.recordText())] }
        return StaticResolver(zone)
    }

    static func message(_ text: String) -> Message {
        Message(parsing: ByteBuffer(string: text.replacing("\n", with: "\r\n")))
    }

    static func signed(_ message: Message, goodForSeconds: Int64? = nil) async throws -> ByteBuffer {
        try await DKIMSigner(try keys(), goodForSeconds: goodForSeconds).sign(
            message.header, body: InMemoryBody(of: message), unixSeconds: 1_795_000_000)
    }

    static func verify(_ message: Message, unixSeconds: Int64 = 1_795_000_000) async throws -> [DKIMOutcome] {
        await SignatureVerifier(resolver: try resolver()).verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: unixSeconds
        ).dkim
    }

    static let plain = "From: Ann <ann@example.org>\nTo: bob@example.net\nSubject: Hello\nDate: today\n\nHello\n"
    static let messages = [
        plain, "From: ann@example.org\n\n", "From: ann@example.org\n\n\n\n\n", "From: ann@example.org\n\nno end",
        "From: a@b.example\nFrom: c@d.example\nSubject:\nTo: \n\n.\n\n..\n \t \n",
        "from : folded\n <ann@example.org>\nMIME-Version: 1.0\nContent-Type: text/plain;\n\tcharset=utf-8\n\n\u{e4}\n",
        "Received: from a by b\n" + plain,
    ]

    @Test("What is signed verifies, by both keys", arguments: messages)
    func signs(_ text: String) async throws {
        let message = Self.message(text)
        let fields = try await Self.signed(message)
        let outcomes = try await Self.verify(ARCTests.prepending(fields, message))
        #expect(outcomes.map(\.result) == [.pass, .pass], "\(outcomes.map(\.reason))")
        #expect(outcomes.map(\.selector) == ["r2026", "e2026"])
        #expect(outcomes.allSatisfy { $0.domain == "example.org" && $0.coversFrom && $0.reason.isEmpty })
    }

    @Test("The field is the same every time, folded at 78 octets, and says what it should")
    func writes() async throws {
        let message = Self.message(Self.plain)
        let fields = String(buffer: try await Self.signed(message, goodForSeconds: 86_400))
        #expect(fields == String(buffer: try await Self.signed(message, goodForSeconds: 86_400)))
        let lines = fields.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        #expect(lines.last == "")
        let unfolded = fields.replacing("\r\n\t", with: "")
        #expect(
            unfolded.hasPrefix(
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=r2026;t=1795000000; "
                    + "x=1795086400; h=from:from:to:to:cc:subject:subject:date:date:reply-to:message-id:mime-version:"
                    + "content-type:content-transfer-encoding;"), "\(unfolded)")
    }

    static let additions = [
        "From: eve@example.com", "To: all@example.net", "Cc: all@example.net", "Subject: Win!", "Date: tomorrow",
        "Reply-To: eve@example.com", "Message-ID: <x@y>", "MIME-Version: 1.0", "Content-Type: text/html",
        "Content-Transfer-Encoding: base64",
    ]

    @Test("RFC 6376 §8.15: nobody can add a field that readers look at", arguments: additions)
    func guardsFields(_ field: String) async throws {
        let message = Self.message(Self.plain)
        let fields = try await Self.signed(message)
        let spoiled = Self.message(field + "\n" + String(buffer: fields).replacing("\r\n", with: "\n") + Self.plain)
        #expect(try await Self.verify(spoiled).map(\.result) == [.fail, .fail])
    }

    @Test("What lists and servers add does not break it")
    func allowsAdditions() async throws {
        let message = Self.message(Self.plain)
        let fields = String(buffer: try await Self.signed(message)).replacing("\r\n", with: "\n")
        let sent = Self.message(
            "List-Id: <x.example>\nSender: x@y.example\nReceived: from a by b\n" + fields + Self.plain)
        #expect(try await Self.verify(sent).map(\.result) == [.pass, .pass])
    }

    @Test("RFC 8058 §4: the fields to unsubscribe with are signed")
    func signsUnsubscribe() async throws {
        let text =
            "List-Unsubscribe: <https://a.example/>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" + Self.plain
        let message = Self.message(text)
        let fields = String(buffer: try await Self.signed(message)).replacing("\r\n", with: "\n")
        let spoiled = Self.message(fields + text.replacing("a.example", with: "b.example"))
        #expect(try await Self.verify(spoiled).map(\.result) == [.fail, .fail])
    }

    @Test("A signature that has an end ends")
    func expires() async throws {
        let message = Self.message(Self.plain)
        let signed = ARCTests.prepending(try await Self.signed(message, goodForSeconds: 10), message)
        #expect(try await Self.verify(signed, unixSeconds: 1_795_000_010).map(\.result) == [.pass, .pass])
        #expect(try await Self.verify(signed, unixSeconds: 1_795_000_011).map(\.result) == [.fail, .fail])
    }

    @Test("Without From, and with more fields than a signature names, nothing is signed")
    func refuses() async throws {
        await #expect(throws: DKIMSigner.Failure.noFrom) { try await Self.signed(Self.message("To: a\n\n")) }
        let many = String(repeating: "To: a\n", count: 189) + "From: a\n\n"
        #expect(try await Self.signed(Self.message(many)).readableBytes > 0)
        await #expect(throws: DKIMSigner.Failure.tooManyFields) {
            try await Self.signed(Self.message("To: a\n" + many))
        }
    }

    @Test("A key's record is a TXT record's text, and fits into a zone file")
    func publishes() throws {
        let keys = try Self.keys()
        #expect(keys[0].recordName == "r2026._domainkey.example.org")
        #expect(try keys[0].recordText().hasPrefix("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"))
        #expect(try keys[1].recordText().hasPrefix("v=DKIM1; k=ed25519; p="))
        for key in keys {
            let line = try key.zoneFileLine()
            #expect(line.hasPrefix("\(key.recordName). IN TXT ( \"v=DKIM1; k="))
            let strings = line.split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            #expect(strings.count == (key.key.kind == .rsa ? 2 : 1))
            #expect(strings.allSatisfy { $0.utf8.count <= 255 })
            #expect(strings.joined() == (try key.recordText()))
        }
    }

    static let names = [
        ("example.org", "s", true), ("b\u{fc}cher.example", "s.t", true), ("org", "s", false), ("a b", "s", false),
        ("example.org", "", false), ("example.org", "a/b", false),
    ]

    @Test("A key has a name that a record can have", arguments: names)
    func namesKeys(_ domain: String, _ selector: String, _ isPossible: Bool) {
        let key = try? DKIMKey(domain: domain, selector: selector, key: DKIMRecipe.ed25519Key)
        #expect((key != nil) == isPossible)
        if domain.hasPrefix("b\u{fc}") { #expect(key?.recordName == "s.t._domainkey.xn--bcher-kva.example") }
    }
}
