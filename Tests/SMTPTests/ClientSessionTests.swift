import MailCore
import NIOCore
import SASL
import Testing

@testable import SMTP

@Suite("Client session")
struct ClientSessionTests {
    @Test("RFC 3207 §6: octets in clear behind the 220 to STARTTLS end the session")
    func injectedBehindSTARTTLS() {
        var session = ClientSession(ClientConfiguration(hostname: "out.example.test"))
        var output = ByteBuffer()
        var input = ByteBuffer(string: "220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 Go\r\n250 evil\r\n")
        #expect(session.advance(&input, into: &output) == .failed(.malformedReply(.startTLS)))
    }

    @Test("an address cannot end its command")
    func hostileAddress() {
        var session = ClientSession(ClientConfiguration(hostname: "out.example.test"))
        var output = ByteBuffer()
        var input = ByteBuffer(string: "220 mx\r\n250 mx\r\n")
        _ = session.advance(&input, into: &output)
        output.clear()
        let evil = EmailAddress(localPart: "a\r\nRSET\r\n", domain: "example.com")
        session.begin(Transaction(reversePath: .null, recipients: [evil], sizeOctets: 1, isEightBit: false))
        guard case .finished(let results) = session.advance(&input, into: &output) else { return #expect(Bool(false)) }
        #expect(output.readableBytes == 0 && results.count == 1)
    }

    @Test("the client's session and the server's understand each other, message by message")
    func together() {
        var server = ServerPlayer(["role": "submission", "tls": "on"])
        var configuration = ClientConfiguration(hostname: "out.example.test")
        configuration.credentials = Credentials(authenticationIdentity: "ann", password: "secret")
        var client = ClientSession(configuration, tls: TLSFacts(version: "TLSv1.3", cipher: ""))
        var toClient = ByteBuffer()
        func talk() -> ClientStep {
            while true {
                var toServer = ByteBuffer()
                toClient.writeString(server.takeOutput())
                let step = client.advance(&toClient, into: &toServer)
                guard toServer.readableBytes > 0 else { return step }
                server.feed(toServer.readableBytesView)
            }
        }
        guard case .ready(let facts) = talk() else { return #expect(Bool(false)) }
        #expect(facts.isAuthenticated && facts.extensions.hasPIPELINING && facts.hostname == "mx.example.test")
        let recipients = ["bob", "nobody", "full"].map { EmailAddress(localPart: $0, domain: "example.test") }
        for message in ["one\r\n", ".\r\n..\r\n", "", "no end"] {
            client.begin(
                Transaction(
                    reversePath: .null, recipients: recipients, sizeOctets: message.utf8.count, isEightBit: true))
            #expect(talk() == .sendBody)
            var body = ByteBuffer()
            client.writeBody(ByteBuffer(string: message), into: &body)
            client.finishBody(into: &body)
            server.feed(body.readableBytesView)
            #expect(
                talk()
                    == .finished([
                        .accepted(Reply(250, "2.0.0", "Ok")), .permanent(Reply(550, "5.1.1", "No such mailbox here")),
                        .temporary(Reply(452, "4.2.2", "Mailbox full")),
                    ]))
            let expected = message == "no end" ? "no end\r\n" : message
            #expect(server.delivered.last?.message == Array(expected.utf8))
        }
        var binary = Transaction(reversePath: .null, recipients: [recipients[0]], sizeOctets: 9, isEightBit: true)
        binary.isBinary = true
        client.begin(binary)
        #expect(talk() == .sendBody)
        var chunks = ByteBuffer()
        for piece in ["a\rb\n", "\u{0}", "", "\n."] { client.writeBody(ByteBuffer(string: piece), into: &chunks) }
        client.finishBody(into: &chunks)
        server.feed(chunks.readableBytesView)
        #expect(talk() == .finished([.accepted(Reply(250, "2.0.0", "Ok"))]))
        #expect(server.delivered.last?.message == Array("a\rb\n\u{0}\n.".utf8))
        client.quit()
        #expect(talk() == .close)
        #expect(server.step == .close)
    }

    @Test("any octets of a server end in a step, never in a trap", arguments: 0..<30 as Range<UInt64>)
    func survives(_ seed: UInt64) {
        var numbers = Numbers(seed: seed)
        let words = [
            "220 mx\r\n", "250-mx\r\n", "250 PIPELINING\r\n", "250 Ok\r\n", "354 Go\r\n", "334 \r\n", "421 x\r\n",
            "550 x\r\n",
            "250", "-", " ", "\r\n", "\n", "\u{0}", "5.1.1 ", "999 x\r\n", "220 Go\r\n",
        ]
        var session = ClientSession(ClientConfiguration(hostname: "out.example.test", tlsPolicy: .never))
        var input = ByteBuffer()
        var output = ByteBuffer()
        for _ in 0..<200 {
            switch session.advance(&input, into: &output) {
            case .ready, .finished:
                session.begin(
                    Transaction(
                        reversePath: .null, recipients: [EmailAddress(localPart: "a", domain: "b.example")],
                        sizeOctets: 1,
                        isEightBit: false))
            case .sendBody: session.finishBody(into: &output)
            case .failed, .close: return
            case .needsInput, .startTLS: input.writeString(words.randomElement(using: &numbers) ?? "")
            }
        }
    }
}
