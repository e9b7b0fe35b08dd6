import Directory
import MailCore
import MessageStore
import SMTP
import Testing

@testable import SMTPServer

@Suite("Nobody is relayed for")
struct RelayTests {
    /// Every classic way to write a remote address so that a server takes it for a local one.
    static let forms = [
        "x@elsewhere.test", "x%elsewhere.test@example.test", "x%elsewhere.test@mx.example.test",
        "x%elsewhere.test@[192.0.2.1]", "x%elsewhere.test@[127.0.0.1]", "x%elsewhere.test",
        "x@elsewhere.test%example.test",
        "\"x@elsewhere.test\"@example.test", "\"x%elsewhere.test\"@example.test", "\"x@elsewhere.test\"",
        "\"x@elsewhere.test\"@mx.example.test", "\"x@elsewhere.test\"@[192.0.2.1]",
        "elsewhere.test!x@example.test", "elsewhere.test!x@mx.example.test", "elsewhere.test!x@[192.0.2.1]",
        "\"elsewhere.test!x\"@example.test", "elsewhere.test!x", "example.test!x@elsewhere.test",
        "@example.test:x@elsewhere.test", "@example.test,@mx.example.test:x@elsewhere.test",
        "@elsewhere.test:ann@elsewhere.test", "@[192.0.2.1]:x@elsewhere.test", "x@elsewhere.test@example.test",
        "x@example.test@elsewhere.test", "x@[192.0.2.9]", "x@[127.0.0.1]", "x@[IPv6:::1]", "ann@[192.0.2.1]",
        "x@localhost", "x@mx.example.test", "x", "x@elsewhere.test.", "x@example.test.elsewhere.test",
        "x@elsewhere.test#example.test", "ann@sub.example.test", "x@\u{65}xample.test\u{0}", "x@elsewhere.test\t",
        "SMTP:x@elsewhere.test", "x+elsewhere.test@example.test", "=?utf-8?q?x?=@elsewhere.test",
    ]

    static let senders = ["", "ann@example.test", "postmaster@example.test", "s@elsewhere.test", "s@[192.0.2.1]"]

    @Test(
        "RFC 5321 §3.6, RFC 2505 §2.1: a stranger reaches nobody elsewhere, however the address is written",
        arguments: senders)
    func strangers(_ sender: String) async throws {
        try await Bed.with { bed in
            let services = bed.services()
            for form in Self.forms {
                let said = await Dialogue.play(services, "MAIL FROM:<\(sender)>\nRCPT TO:<\(form)>\nDATA\n")
                #expect(said.count == 3 && said[1].hasPrefix("5"), "\(form): \(said)")
                #expect(said.last?.hasPrefix("554 5.5.1") == true, "\(form): \(said)")
            }
        }
    }

    @Test("a catch-all keeps what is written like a remote address, and sends nothing on")
    func catchAll() async throws {
        try await Bed.with { bed in
            _ = try await bed.registry.addAlias(
                EmailAddress(localPart: "", domain: "example.test"), targets: [bed.address("bob@example.test")])
            let services = bed.services()
            var taken = 0
            for form in Self.forms where !form.contains("\u{0}") {
                let said = await Dialogue.send(services, sender: "s@far.test", to: [form], "A: b\n")
                if said.hasPrefix("250") { taken += 1 }
            }
            #expect(taken == 6)
            #expect(try await bed.inbox(of: "bob@example.test").count == taken)
            #expect(try await bed.store.listQueue().isEmpty)
        }
    }

    @Test("our own people by login, and trusted networks, are relayed for; by LMTP nobody is")
    func friends() async throws {
        try await Bed.with { bed in
            let network = try #require(IPNetwork("192.0.2.0/24"))
            let trusting = bed.services(trusting: [network])
            let rcpt = "MAIL FROM:<ann@example.test>\nRCPT TO:<x@elsewhere.test>\n"
            #expect(await Dialogue.play(trusting, rcpt).last?.hasPrefix("250") == true)
            #expect(await Dialogue.play(trusting, from: "192.0.3.1", rcpt).last?.hasPrefix("550 5.7.1") == true)
            #expect(
                await Dialogue.play(trusting, as: .submission, from: "203.0.113.1", login: "ann@example.test", rcpt)
                    .last?
                    .hasPrefix("250") == true)
            #expect(await Dialogue.play(trusting, as: .lmtp, rcpt).last?.hasPrefix("550 5.7.1") == true)
        }
    }

    @Test("RFC 2033: by LMTP a message is delivered, with a reply for each recipient, and says so in its Received line")
    func lmtp() async throws {
        try await Bed.with { bed in
            let said = await Dialogue.play(
                bed.services(), as: .lmtp,
                "MAIL FROM:<s@far.test>\nRCPT TO:<ann@example.test>\nRCPT TO:<bob@example.test>\nDATA\nA: b\n\nx\n.\n")
            #expect(said.filter { $0.hasPrefix("250 2.6.0") }.count == 2)
            let inbox = try await bed.inbox(of: "bob@example.test")
            #expect(inbox.first?.contains(" with LMTP\r\n") == true)
        }
    }
}
