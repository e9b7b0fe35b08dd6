import DNS
import MIME
import MailAuth
import MailCore
import MailCrypto
import MessageStore
import NIOCore
import Testing

@testable import OutboundQueue

@Suite("The form that a server takes", .timeLimit(.minutes(2))) struct FormTests {
    private static let eightBit =
        "From: ann@here.test\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + "Content-Transfer-Encoding: 8bit\r\n\r\nGrüße aus einem kleinen Dorf im Süden\r\n"
    private static let binary = eightBit.replacing("8bit", with: "binary").replacing("ß", with: "ß\n\r\u{0}")
    private static let signature = "DKIM-Signature: v=1; d=far.test; s=a; b=\r\n"

    /// What the server got, what it was told, and what became of the recipients.
    private func sent(
        _ text: String, needs: MessageNeeds = [.eightBit], to recipients: [String] = ["x@a.test"],
        extensions: [String] = [], isSevenBit: Bool = false, isOurs: Bool = true, signing: Signing? = nil
    ) async throws -> (octets: String?, commands: [String], finished: [String]) {
        var outcome: (String?, [String], [String]) = (nil, [], [])
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops, extensions: extensions, isSevenBit: isSevenBit)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port, signing: signing)
            try await bed.queue(
                text: text, recipients, from: "ann@here.test", options: QueueOptions(isOurs: isOurs), needs: needs)
            await runner.start()
            try await bed.untilEmpty()
            await runner.stop(withinSeconds: 5)
            let finished = try await bed.store.finishedDeliveries(limit: 9)
            outcome = (server.accepted.first?.octets, server.commands, finished.map { "\($0.recipient) \($0.reply)" })
            await server.stop()
        }
        return outcome
    }

    @Test("RFC 6152 §3: to a server without 8BITMIME 8-bit text goes as quoted-printable, with BODY= unsaid")
    func sevenBit() async throws {
        let converted = try await sent(Self.eightBit, isSevenBit: true)
        let end =
            "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            + "Gr=C3=BC=C3=9Fe aus einem kleinen Dorf im S=C3=BCden\r\n"
        #expect(converted.octets?.hasSuffix(end) == true)
        #expect(converted.commands.contains("MAIL FROM:<ann@here.test>"))
        let unchanged = try await sent(Self.eightBit)
        #expect(unchanged.octets == Self.eightBit)
        #expect(unchanged.commands.contains("MAIL FROM:<ann@here.test> BODY=8BITMIME"))
    }

    @Test("RFC 6376 §5.3: what is signed is what is sent", arguments: [true, false])
    func signsWhatIsSent(isSevenBit: Bool) async throws {
        let key = try DKIMKey(domain: "here.test", selector: "a", key: SigningKey(generating: .ed25519))
        let resolver = StaticResolver([key.recordName: [.txt(try key.recordText())]])
        try await Bed.with { bed in
            let signing = Signing(pool: bed.pool) { $0 == "here.test" ? [key] : [] }
            let octets = try await sent(Self.eightBit, isSevenBit: isSevenBit, signing: signing).octets
            let message = MIME.Message(parsing: ByteBuffer(string: octets ?? ""))
            let found = await SignatureVerifier(resolver: resolver).verify(
                message.header, body: InMemoryBody(of: message), unixSeconds: 1_900_000_000)
            #expect(found.dkim.map(\.result) == [.pass])
            #expect(octets?.contains("quoted-printable") == isSevenBit)
        }
    }

    @Test("RFC 3030 §3: a binary message to a server without BINARYMIME is encoded in base64")
    func binaryIsEncoded() async throws {
        let got = try await sent(Self.binary, needs: [.eightBit, .binary], extensions: ["CHUNKING"])
        let message = MIME.Message(parsing: ByteBuffer(string: got.octets ?? ""))
        #expect(message.root.transferEncoding == .base64)
        #expect(String(buffer: message.root.decodedBody()) == "Grüß\n\r\u{0}e aus einem kleinen Dorf im Süden\r\n")
        #expect(got.commands.contains("MAIL FROM:<ann@here.test> BODY=7BIT"))
    }

    @Test("RFC 5321 §4.5.3.1.6: our own lines are made short; a stranger's signature is worth more than their length")
    func longLines() async throws {
        let long = "From: ann@here.test\r\nMIME-Version: 1.0\r\n\r\n" + String(repeating: "a", count: 2_000) + "\r\n"
        #expect(try await sent(long, needs: []).octets?.contains("quoted-printable") == true)
        #expect(try await sent(Self.signature + long, needs: [], isOurs: false).octets == Self.signature + long)
        #expect(try await sent(long, needs: [], isOurs: false).octets?.contains("quoted-printable") == true)
        let eightBit = try await sent(Self.signature + Self.eightBit, isSevenBit: true, isOurs: false).octets
        #expect(eightBit?.contains("quoted-printable") == true)
    }

    @Test("RFC 3463 X.6.3: what cannot be converted comes back at once, and says why")
    func refuses() async throws {
        let signed = Self.eightBit.replacing("text/plain", with: "multipart/signed; boundary=x").replacing(
            "Gr", with: "--x\r\n\r\nGr")
        let got = try await sent(signed, isSevenBit: true)
        #expect(got.octets == nil && got.finished.count == 1)
        #expect(got.finished.first?.hasPrefix("x@a.test 554 5.6.3 ") == true, "\(got.finished)")
    }

    @Test("RFC 6531 §3.2: without SMTPUTF8 only what needs it comes back, by 5.6.7")
    func withoutUTF8() async throws {
        let needs: MessageNeeds = [.eightBit, .internationalized]
        let mixed = try await sent(Self.eightBit, needs: needs, to: ["x@a.test", "jörg@a.test"])
        #expect(mixed.octets == Self.eightBit)
        #expect(mixed.commands.contains("MAIL FROM:<ann@here.test> BODY=8BITMIME"))
        #expect(mixed.finished.contains { $0.hasPrefix("jörg@a.test 553 5.6.7 ") }, "\(mixed.finished)")
        for isSevenBit in [false, true] {
            let header = try await sent("Subject: ü\r\n" + Self.eightBit, needs: needs, isSevenBit: isSevenBit)
            #expect(header.octets == nil && header.finished.first?.hasPrefix("x@a.test 553 5.6.7 ") == true)
        }
        let taken = try await sent(Self.eightBit, needs: needs, to: ["jörg@a.test"], extensions: ["SMTPUTF8"])
        #expect(taken.commands.contains("MAIL FROM:<ann@here.test> BODY=8BITMIME SMTPUTF8"))
        let plain = try await sent(Self.eightBit, needs: needs, extensions: ["SMTPUTF8"])
        #expect(plain.commands.contains("MAIL FROM:<ann@here.test> BODY=8BITMIME"))
    }
}
