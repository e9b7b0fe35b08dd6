import Directory
import MailCore
import MessageStore
import SMTP
import Testing

@testable import SMTPServer

@Suite("Submission")
struct SubmissionTests {
    private func send(
        _ services: Services, sender: String = "ann@example.test", to recipients: [String] = ["bob@example.test"],
        _ message: String
    ) async -> String {
        await Dialogue.send(
            services, as: .submission, from: "203.0.113.9", login: "ann@example.test", sender: sender, to: recipients,
            message)
    }

    static let headers: [(String, String)] = [
        ("From: Ann <ANN+x@Example.Test>", "250"), ("From: team@example.test", "250"), ("Subject: none", "250"),
        ("From: bob@example.test", "550 5.7.1"), ("From: ann@example.test, bob@example.test", "550 5.7.1"),
        ("From: \"ann@example.test\" <ceo@elsewhere.test>", "550 5.7.1"),
        ("From: group: ann@example.test, bob@example.test;", "550 5.7.1"),
        ("From: ann@example.test\nFrom: bob@example.test", "550 5.6.0"), ("From: nobody", "550 5.6.0"),
        ("From: ann@example.test bob@elsewhere.test", "550 5.6.0"),
        ("From: Ann <ann@example.test> <bob@elsewhere.test>", "550 5.6.0"),
        ("From: Ann <ann@example.test", "550 5.6.0"), ("From: Ann <ann@example.test> (at home)", "250"),
        ("From:", "550 5.6.0"), ("From: ann@example.test\nSender: bob@example.test", "550 5.7.1"),
        ("From: ann@example.test\nSender: ann@example.test", "250"),
    ]

    @Test("RFC 6409 §6.1: From and Sender are the account's own", arguments: headers)
    func ownership(_ header: String, _ reply: String) async throws {
        try await Bed.with { bed in
            let said = await send(bed.services(), "\(header)\n\nx")
            #expect(said.hasPrefix(reply), "\(header): \(said)")
        }
    }

    @Test("what was granted may stand in MAIL and in From")
    func granted() async throws {
        try await Bed.with { bed in
            let services = bed.services()
            let message = "From: ceo@elsewhere.test\n\nx"
            #expect(await send(services, sender: "ceo@elsewhere.test", message).hasPrefix("5"))
            try await bed.registry.grantSendAs(
                [bed.address("ceo@elsewhere.test")], to: bed.address("ann@example.test"))
            #expect(await send(services, sender: "ceo@elsewhere.test", message).hasPrefix("250"))
            #expect(await send(services, sender: "bob@example.test", message).hasPrefix("5"))
        }
    }

    @Test("RFC 6409 §8: Date, Message-ID and From are added where they are missing, Bcc is taken out")
    func repairs() async throws {
        try await Bed.with { bed in
            _ = await send(bed.services(), "Subject: s\nBcc: x@y.test,\n z@y.test\nTo: b\nbcc: q@y.test\n\nBcc: stays")
            let text = try #require(try await bed.inbox(of: "bob@example.test").first)
            #expect(
                text.contains(
                    "\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\nMessage-ID: <t1-1.1700000000@mx.example.test>\r\n"))
            #expect(text.contains("\r\nFrom: ann@example.test\r\nSubject: s\r\nTo: b\r\n\r\nBcc: stays\r\n"))
            #expect(text.contains("Received: from c.test ([203.0.113.9])\r\n"))
        }
    }

    @Test("of a message too long for memory, too")
    func repairsSpooled() async throws {
        try await Bed.with { bed in
            let body = String(repeating: "0123456789abcde\n", count: 80_000)
            let said = await send(bed.services(), "Subject: s\nBcc: x@y.test\n\n\(body)")
            #expect(said.hasPrefix("250"), "\(said)")
            let text = try #require(try await bed.inbox(of: "bob@example.test").first)
            #expect(text.contains("\r\nFrom: ann@example.test\r\nSubject: s\r\n\r\n0123"))
        }
    }

    @Test("by choice nobody is told where its sender was")
    func hidden() async throws {
        try await Bed.with { bed in
            var services = bed.services()
            services.submission.hidesClient = true
            _ = await send(services, "Subject: s\n\nx")
            let text = try #require(try await bed.inbox(of: "bob@example.test").first)
            #expect(text.contains("Received: by mx.example.test with ") && !text.contains("203.0.113.9"))
            #expect(!text.contains("c.test"))
        }
    }

    @Test("an account that sends more than it may is told to wait; what is refused does not count")
    func caps() async throws {
        try await Bed.with { bed in
            var services = bed.services()
            services.submission.limits.messagesPerHour = 2
            #expect(await send(services, "From: bob@example.test\n\nx").hasPrefix("550"))
            for _ in 1...2 { #expect(await send(services, "A: b\n\nx").hasPrefix("250")) }
            #expect(
                await send(services, "A: b\n\nx")
                    == "450 4.7.1 You may write 2 messages in an hour, try again later")
            let inbox = try await bed.inbox(of: "bob@example.test")
            #expect(inbox.count == 2)
        }
    }
}
