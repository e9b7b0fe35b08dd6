import MailCore
import NIOCore
import SASL
import Testing

@testable import SMTP

@Suite("Server session")
struct ServerSessionTests {
    static func session(_ role: ServerConfiguration.Role = .exchange, tls: TLSFacts? = nil) -> ServerSession {
        ServerSession(ServerConfiguration(role: role, hostname: "mx.example.test"), tls: tls)
    }

    @Test("input before the greeting waits, and the greeting for the server's word (RFC 5321 §3.1)")
    func earlyTalker() {
        var session = Self.session()
        var input = ByteBuffer(string: "EHLO a\r\n")
        var output = ByteBuffer()
        session.start(into: &output)
        #expect(session.advance(&input, into: &output) == .perform(.connected))
        #expect(output.readableBytes == 0 && input.readableBytes == 8)
        session.resume(with: .accepted, into: &output)
        #expect(String(buffer: output) == "220 mx.example.test ESMTP\r\n")
    }

    @Test("requests say what is known, and pipelined input waits for their answers (RFC 2920 §3.2)")
    func requests() {
        var session = Self.session(tls: TLSFacts(version: "TLSv1.3", cipher: ""))
        var output = ByteBuffer()
        var input = ByteBuffer()
        _ = session.advance(&input, into: &output)
        session.resume(with: .accepted, into: &output)
        input.writeString(
            "EHLO a.example\r\nMAIL FROM:<> SIZE=9 BODY=8BITMIME\r\nRCPT TO:<postmaster>\r\nDATA\r\nHi\r\n.\r\nQUIT\r\n"
        )
        var envelope = Envelope(
            helo: "a.example", reversePath: .null, parameters: MailParameters(sizeOctets: 9, body: .eightBitMIME),
            tls: TLSFacts(version: "TLSv1.3", cipher: ""))
        #expect(session.advance(&input, into: &output) == .perform(.checkSender(envelope)))
        #expect(session.advance(&input, into: &output) == .perform(.checkSender(envelope)))
        session.resume(with: .accepted, into: &output)
        #expect(session.advance(&input, into: &output) == .perform(.checkRecipient(Recipient(.postmaster), envelope)))
        session.resume(with: .accepted, into: &output)
        envelope.recipients = [Recipient(.postmaster)]
        let body = MessageBody.memory(ByteBuffer(string: "Hi\r\n"))
        #expect(session.advance(&input, into: &output) == .perform(.deliver(envelope, body)))
        output.clear()
        session.resume(with: .reply(Reply(250, "2.0.0", "Queued as 1")), into: &output)
        #expect(session.advance(&input, into: &output) == .close)
        #expect(String(buffer: output) == "250 2.0.0 Queued as 1\r\n221 2.0.0 mx.example.test Goodbye\r\n")
    }

    @Test("a stop while a message is being taken lets it end first (RFC 5321 §3.8)")
    func stopDuringDelivery() {
        var player = ServerPlayer()
        player.feed("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n")
        var input = ByteBuffer(string: "Hi\r\n.\r\nNOOP\r\n")
        var output = ByteBuffer()
        guard case .perform(.deliver) = player.session.advance(&input, into: &output) else {
            return #expect(Bool(false))
        }
        player.session.handle(.shuttingDown, into: &output)
        #expect(output.readableBytes == 0)
        player.session.resume(with: .accepted, into: &output)
        #expect(player.session.advance(&input, into: &output) == .close)
        #expect(String(buffer: output) == "250 2.0.0 Ok\r\n421 4.3.2 mx.example.test Going down, try again later\r\n")
    }

    @Test("the defaults: 1 MiB in memory, one octet more is spooled")
    func memoryBound() {
        for excess in [0, 1] {
            var player = ServerPlayer()
            player.feed("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n")
            let octets = [UInt8](repeating: 0x61, count: 1_048_574 + excess) + Array("\r\n.\r\n".utf8)
            for chunk in chunks(octets, of: 65_536) { player.feed(chunk.readableBytesView) }
            #expect(player.delivered.last?.message.count == 1_048_576 + excess)
            #expect(player.requests.contains("spool") == (excess == 1))
        }
    }

    @Test("RFC 5321 §4.5.3.1.8: 1,000 recipients are taken, the next gets 452")
    func recipientsBound() {
        var player = ServerPlayer()
        player.feed("EHLO a\r\nMAIL FROM:<>\r\n")
        for number in 0..<1_000 { player.feed("RCPT TO:<u\(number)@example.test>\r\n") }
        #expect(!player.takeOutput().contains("452"))
        player.feed("RCPT TO:<one@example.test>\r\n")
        #expect(player.takeOutput() == "452 4.5.3 Too many recipients\r\n")
        player.feed("DATA\r\n.\r\n")
        #expect(player.delivered.last?.envelope.recipients.count == 1_000)
    }

    @Test("RFC 5321 §4.5.3.1.4: a command of 8,192 octets is taken, one more ends the session; unended too")
    func commandBound() {
        func line(_ count: Int) -> String { "NOOP " + String(repeating: "x", count: count - 7) + "\r\n" }
        var player = ServerPlayer()
        _ = player.takeOutput()
        player.feed(line(8_192))
        #expect(player.takeOutput() == "250 2.0.0 Ok\r\n")
        player.feed(String(line(8_193)))
        #expect(player.takeOutput() == "500 5.5.2 Line too long\r\n" && player.step == .close)
        player = ServerPlayer()
        _ = player.takeOutput()
        player.feed(String(repeating: "x", count: 8_191))
        #expect(player.takeOutput() == "")
        player.feed("x")
        #expect(player.takeOutput() == "500 5.5.2 Line too long\r\n" && player.step == .close)
    }

    @Test("RFC 4954 §4: a response of 12,288 octets is taken, one more ends the session", arguments: [0, 1])
    func responseBound(_ excess: Int) {
        var player = ServerPlayer(["role": "submission", "tls": "on"])
        player.feed("EHLO a\r\nAUTH PLAIN\r\n")
        _ = player.takeOutput()
        player.feed(String(repeating: "A", count: 12_288 + excess) + "\r\n")
        #expect(player.step == (excess == 0 ? .needsInput(withinSeconds: 300) : .close))
        #expect(player.takeOutput().hasPrefix(excess == 0 ? "50" : "500 5.5.2 Line too long"))
    }

    @Test("at submission other commands keep their own bound")
    func submissionCommandBound() {
        var player = ServerPlayer(["role": "submission", "tls": "on"])
        _ = player.takeOutput()
        player.feed("NOOP " + String(repeating: "x", count: 8_186) + "\r\n")
        #expect(player.takeOutput() == "500 5.5.2 Line too long\r\n" && player.step == .close)
    }

    @Test("TLS from the first octet is known before the greeting (RFC 8314 §3.3)")
    func implicitTLS() {
        var session = Self.session(.submission)
        var input = ByteBuffer(string: "EHLO a\r\n")
        var output = ByteBuffer()
        session.handle(.tlsStarted(TLSFacts(version: "TLSv1.3", cipher: "")), into: &output)
        session.start(into: &output)
        _ = session.advance(&input, into: &output)
        session.resume(with: .accepted, into: &output)
        _ = session.advance(&input, into: &output)
        #expect(String(buffer: output).hasSuffix("250 AUTH PLAIN LOGIN\r\n"))
    }

    @Test("the same session takes any octets without a trap", arguments: 0..<30 as Range<UInt64>)
    func survives(_ seed: UInt64) {
        var numbers = Numbers(seed: seed)
        let words = [
            "EHLO a", "MAIL FROM:<a@b>", "RCPT TO:<postmaster>", "DATA", "RSET", "AUTH PLAIN", "AUTH LOGIN", "=", "*",
            "\r\n", "\r\n", "\r\n", "\r\n", ".", "\r\n.\r\n", "\n", "\r", "STARTTLS", "\u{0}", "ü", "<", "\"", "[",
            "SIZE=9", "BDAT 5\r\n", "BDAT 3 LAST\r\n", "BDAT 99999999999999999999\r\n",
            "MAIL FROM:<\"", "RCPT TO:<@a,@", " ",
        ]
        for role in ["exchange", "submission"] {
            var player = ServerPlayer([
                "role": role, "tls": role == "submission" ? "on" : "off", "memoryOctetsMax": "8",
            ])
            for _ in 0..<200 where player.step != .close && player.step != .startTLS {
                player.feed(words.randomElement(using: &numbers) ?? "")
            }
            #expect(player.takeOutput().hasPrefix("220 "))
        }
    }
}
