import Directory
import MailCore
import MessageStore
import SMTP
import Synchronization
import Testing

@testable import SMTPServer

private final class Pauses: Sendable {
    let seconds = Mutex<[Int]>([])
}

@Suite("Recipients, and what strangers may try")
struct RecipientTests {
    private func rcpt(_ services: Services, _ address: String, sender: String = "s@far.test") async -> String {
        await Dialogue.play(services, "MAIL FROM:<\(sender)>\nRCPT TO:<\(address)>\n").last ?? ""
    }

    @Test("a closed mailbox is refused with its reason, its postmaster's mail is not; an alias to nobody is no address")
    func refused() async throws {
        try await Bed.with { bed in
            let services = bed.services()
            try await bed.registry.setMailRefused(bed.address("bob@example.test"), reason: "moved to Rome")
            _ = try await bed.registry.addAlias(
                bed.address("gone@example.test"), targets: [bed.address("bob@example.test")])
            _ = try await bed.registry.addAlias(
                bed.address("ring@example.test"), targets: [bed.address("ring@example.test")])
            #expect(await rcpt(services, "bob@example.test") == "550 5.2.1 Mailbox closed: moved to Rome")
            for name in ["gone", "ring"] {
                #expect(await rcpt(services, "\(name)@example.test").hasPrefix("550 5.1.1"))
            }
            #expect(await rcpt(services, "postmaster@example.test").hasPrefix("250"))
            #expect(await rcpt(services, "postmaster").hasPrefix("250"))
        }
    }

    @Test(
        "forwards go to the queue, with a copy in the mailbox or without, and to its tags too",
        arguments: [true, false])
    func forwards(_ keepsCopy: Bool) async throws {
        try await Bed.with { bed in
            try await bed.registry.setForwards(
                of: bed.address("bob@example.test"), to: [bed.address("b@far.test")], keepsCopy: keepsCopy)
            let said = await Dialogue.send(
                bed.services(), sender: "s@else.test", to: ["bob+x@example.test"], "A: b\n\nx")
            #expect(said.hasPrefix("250"))
            #expect(try await bed.inboxCount("bob") == (keepsCopy ? 1 : 0))
            #expect(try await bed.store.listQueue().map(\.recipient.description) == ["b@far.test"])
        }
    }

    @Test("RFC 3461 §5.2.7: what the sender wants to be told goes on through an alias, with the address written to")
    func notifications() async throws {
        try await Bed.with { bed in
            let said = await Dialogue.play(
                bed.services(),
                """
                MAIL FROM:<s@else.test> RET=HDRS ENVID=q1
                RCPT TO:<team@example.test> NOTIFY=SUCCESS,DELAY
                DATA
                A: b

                .

                """)
            #expect(said.last?.hasPrefix("250") == true, "\(said)")
            let row = try #require(try await bed.store.listQueue().first)
            #expect(row.notification == .init(occasions: [.success, .delay], original: "rfc822;team@example.test"))
            #expect(row.messageNotification == .init(returned: .headers, envelopeID: "q1") && row.needs == [])
        }
    }

    @Test("to a list for members ours write by login, others by their address; our domain from outside is nobody's")
    func membersOnly() async throws {
        try await Bed.with { bed in
            let services = bed.services()
            try await bed.registry.setMembersOnly(bed.address("team@example.test"), true)
            let refusal = "550 5.7.2 Only members may write to this list"
            #expect(await rcpt(services, "team@example.test") == refusal)
            #expect(await rcpt(services, "team@example.test", sender: "") == refusal)
            #expect(await rcpt(services, "team@example.test", sender: "ann@example.test") == refusal)
            #expect(await rcpt(services, "team@example.test", sender: "Far@elsewhere.test").hasPrefix("250"))
            for (name, reply) in [("ann", "250"), ("bob", "550 5.7.2")] {
                let said = await Dialogue.play(
                    services, as: .submission, login: "\(name)@example.test",
                    "MAIL FROM:<\(name)@example.test>\nRCPT TO:<team@example.test>\n")
                #expect(said.last?.hasPrefix(reply) == true, "\(name): \(said)")
            }
        }
    }

    @Test("a stranger who guesses recipients waits longer and longer, then is sent away; others do not wait")
    func guessing() async throws {
        try await Bed.with { bed in
            let pauses = Pauses()
            var limits = ClientLimits()
            limits.guessesPerAddress = 9
            var services = bed.services(limits: limits)
            services.pause = { seconds in pauses.seconds.withLock { $0.append(seconds) } }
            let guesses = (0..<10).map { "RCPT TO:<x\($0)@example.test>\n" }.joined()
            _ = await Dialogue.play(services, from: "127.0.0.1", "MAIL FROM:<>\n" + guesses)
            _ = await Dialogue.play(services, from: "192.0.2.7", "MAIL FROM:<>\nRCPT TO:<bob@example.test>\n")
            #expect(pauses.seconds.withLock { $0 }.isEmpty)
            _ = await Dialogue.play(services, from: "192.0.2.7", "MAIL FROM:<>\n" + guesses)
            #expect(pauses.seconds.withLock { $0 } == [1, 2, 4, 8, 16, 20, 20])
            #expect(await Dialogue.play(services, from: "192.0.2.7", "MAIL FROM:<>\n") == [])
            #expect(await Dialogue.play(services, from: "192.0.2.8", "MAIL FROM:<>\n") == ["250 2.1.0 Sender ok"])
        }
    }

    @Test("messages and recipients in an hour are limited by address, by network and in all")
    func limits() async throws {
        try await Bed.with { bed in
            var limits = ClientLimits()
            limits.messagesPerAddress = 2
            limits.messagesPerNetwork = 3
            limits.messages = 5
            limits.recipientsPerAddress = 2
            let services = bed.services(limits: limits)
            func begin(_ host: String) async -> String {
                String(await Dialogue.play(services, from: host, "MAIL FROM:<>\n").last?.prefix(3) ?? "")
            }
            let hosts = ["192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.8", "198.51.100.1", "203.0.113.1"]
            var codes: [String] = []
            for host in hosts { codes.append(await begin(host)) }
            #expect(codes == ["250", "250", "451", "451", "250", "451"])
            let said = await Dialogue.play(
                bed.services(limits: limits), from: "2001:db8::1",
                "MAIL FROM:<>\nRCPT TO:<bob@example.test>\nRCPT TO:<ann@example.test>\nRCPT TO:<bob@example.test>\n")
            #expect(said.map { String($0.prefix(3)) } == ["250", "250", "250", "451"])
        }
    }

    @Test("a message that went through more than 100 servers goes round (RFC 5321 §6.3)", arguments: [99, 100])
    func hops(_ hops: Int) async throws {
        try await Bed.with { bed in
            let header = String(repeating: "Received: from a by b; Thu, 26 Nov 2026 00:00:00 +0000\n", count: hops)
            let said = await Dialogue.send(
                bed.services(), sender: "s@far.test", to: ["bob@example.test"], header + "\nx")
            #expect(said.hasPrefix(hops == 99 ? "250" : "554 5.4.6"), "\(said)")
        }
    }
}

extension Bed {
    /// Also of an account whose mail goes elsewhere.
    func inboxCount(_ name: String) async throws -> Int {
        let row = try #require(try await registry.account(address("\(name)@example.test")))
        return try await store.mailbox(of: row.account.id, named: "INBOX").messages
    }
}
