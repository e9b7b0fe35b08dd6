import MIME
import MailCore
import MessageStore
import NIOCore
import SMTP
import Synchronization
import Testing

@testable import OutboundQueue

@Suite("Notices", .timeLimit(.minutes(2))) struct BounceTests {
    private func bounce(_ failures: [(String, String, Reply)], header: String = "Message-ID: <1@here.test>\r\n")
        -> Bounce
    {
        Bounce(
            hostname: "mail.here.test", postmaster: EmailAddress(localPart: "postmaster", domain: "here.test"),
            sender: EmailAddress(localPart: "ann smith", domain: "here.test"), arrivedAt: 1_700_000_000,
            writtenAt: 1_700_000_060, identifier: "7.abc",
            fates: failures.map { .init(recipient: EmailAddress(localPart: $0.0, domain: $0.1), reply: $0.2) },
            returned: .header(ByteBuffer(string: header)))
    }

    @Test("RFC 6522: a report of three parts, from a person's address, not to be answered by a program")
    func structure() {
        let message = MIME.Message(parsing: bounce([("x", "a.test", Reply(550, "5.1.1", "no"))]).message)
        #expect(message.root.contentType.type == "multipart" && message.root.contentType.subtype == "report")
        #expect(message.root.contentType.parameters["report-type"] == "delivery-status")
        #expect(
            message.root.children.map { "\($0.contentType.type)/\($0.contentType.subtype)".lowercased() } == [
                "text/plain", "message/delivery-status", "text/rfc822-headers",
            ])
        let header = message.header
        #expect(header.text("From") == "Mail delivery <postmaster@here.test>")
        #expect(header.text("To") == "\"ann smith\"@here.test")
        #expect(header.text("Auto-Submitted") == "auto-replied")
        #expect(header.text("References") == "<1@here.test>" && header.text("In-Reply-To") == "<1@here.test>")
        #expect(header.messageID?.contains("bounce.7.abc@mail.here.test") == true)
        #expect(header.date?.unixSeconds == 1_700_000_060)
    }

    @Test("RFC 3464 §2: the fields of the message, then a group for each recipient, with one empty line between")
    func status() {
        let failures = [("x", "a.test", Reply(550, "5.1.1", "no")), ("y z", "b.test", Reply(451, nil, "later"))]
        let message = MIME.Message(parsing: bounce(failures).message)
        #expect(
            String(buffer: message.root.children[1].encodedBody) == """
                Reporting-MTA: dns; mail.here.test\r
                Arrival-Date: Tue, 14 Nov 2023 22:13:20 +0000\r
                \r
                Final-Recipient: rfc822; x@a.test\r
                Action: failed\r
                Status: 5.1.1\r
                Diagnostic-Code: smtp; 550 5.1.1 no\r
                \r
                Final-Recipient: rfc822; "y z"@b.test\r
                Action: failed\r
                Status: 4.4.7\r
                Diagnostic-Code: smtp; 451 later\r

                """)
    }

    @Test("A reply and an address outside US-ASCII, and a header of 8 bits, leave the notice in 7 bits (RFC 6533 §3)")
    func sevenBit() {
        let notice = bounce(
            [("jörg+a", "a.test", Reply(554, nil, "Nein, größer"))], header: "Subject: \u{e4}\u{f6}\r\nX-A: b\r\n")
        let octets = notice.message
        #expect(octets.readableBytesView.allSatisfy { $0 < 0x80 })
        let parts = MIME.Message(parsing: octets).root.children
        let status = String(buffer: parts[1].encodedBody)
        #expect(status.contains("\r\nFinal-Recipient: utf-8; j\\x{F6}rg\\x{2B}a@a.test\r\n"))
        #expect(status.contains("\r\nStatus: 5.0.0\r\nDiagnostic-Code: smtp; 554 Nein, gr????er\r\n"))
        #expect(parts[0].readableText()?.contains("Nein, größer") == true)
        #expect(String(buffer: parts[2].decodedBody()).hasPrefix("Subject: \u{e4}\u{f6}\r\nX-A: b\r\n"))
    }

    @Test("A line of the original header above 998 octets is encoded (RFC 5322 §2.1.1)", arguments: [998, 999])
    func longLine(octets: Int) {
        let header = "X: " + String(repeating: "a", count: octets - 3 - 1) + "\r\n"
        let parts = MIME.Message(parsing: bounce([], header: header).message).root.children
        #expect((parts[2].header.text("Content-Transfer-Encoding") != nil) == (octets > 998))
        #expect(String(buffer: parts[2].decodedBody()).hasPrefix(header))
    }

    @Test("RFC 5321 §4.5.5: what was a notice itself dies without another")
    func neverTwice() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { _, event in event == .message ? .say("550 no") : nil }
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue("x@a.test", from: "")
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.messages.map(\.reversePath) == [""] && bed.notices.count == 0)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("A notice that cannot be kept keeps its recipient in the queue, until it can; what was sent stays sent")
    func keptBack() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { _, event in
                event == .command("RCPT TO:<y@a.test>") ? .say("550 5.1.1 no") : nil
            }
            bed.notices.failures.store(1, ordering: .relaxed)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue("x@a.test", "y@a.test")
            await runner.start()
            try await bed.until { $0.map(\.recipient.localPart) == ["y"] && $0[0].attempts == 1 }
            bed.advance(200)
            await runner.wake()
            try await bed.untilEmpty()
            #expect(bed.notices.count == 1 && server.accepted.map(\.recipients) == [["x@a.test"]])
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("Two notices about one message have names of their own")
    func names() async throws {
        try await Bed.with { bed in
            let runner = bed.runner(resolver: SendTests.zone)
            try await bed.queue("x@null.test", "y@absent.test")
            await runner.start()
            try await bed.untilEmpty()
            let ids = bed.notices.texts.map { MIME.Message(parsing: ByteBuffer(string: $0)).header.messageID }
            #expect(ids.count == 2 && Set(ids).count == 2)
            await runner.stop(withinSeconds: 5)
        }
    }
}
