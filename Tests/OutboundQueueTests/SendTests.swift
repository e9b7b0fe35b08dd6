import DNS
import MailCore
import MessageStore
import SMTP
import Testing

@testable import OutboundQueue

@Suite("Sending", .timeLimit(.minutes(2))) struct SendTests {
    /// Names for loopback addresses.
    static let zone = StaticResolver([
        "a.test": [.mx(10, "mx.a.test")], "mx.a.test": [.a("127.0.0.1")],
        "b.test": [.mx(20, "mx.a.test"), .mx(10, "mx.b.test")], "mx.b.test": [.a("127.0.0.2")],
        "plain.test": [.a("127.0.0.1")], "null.test": [.mx(0, "")], "broken.test": [.failure(nil)],
        "loop.test": [.mx(10, "mail.here.test"), .mx(20, "mx.a.test")], "bare.test": [.mx(10, "nowhere.test")],
    ])

    @Test("The recipients of one domain go in one transaction, dots are stuffed, and the queue is empty then")
    func sends() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: Self.zone, port: server.port)
            await runner.start()
            try await bed.queue("x@a.test", "y@a.test")
            try await bed.untilEmpty()
            #expect(
                server.messages == [
                    .init(
                        connection: 0, reversePath: "ann@here.test", recipients: ["x@a.test", "y@a.test"],
                        octets: "Subject: Hello\r\nMessage-ID: <Hello@here.test>\r\n\r\n..dots\r\nHello.\r\n",
                        isAccepted: true)
                ])
            await runner.stop(withinSeconds: 5)
            #expect(server.commands.first == "EHLO mail.here.test" && server.commands.last == "QUIT")
            #expect(bed.notices.count == 0)
            await server.stop()
        }
    }

    @Test("RFC 5321 §4.5.4.1: what is put off is tried again in its time, not before")
    func retries() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { connection, event in
                event == .message && connection == 0 ? .say("451 4.7.1 greylisted") : nil
            }
            let runner = bed.runner(resolver: Self.zone, port: server.port)
            try await bed.queue("x@a.test")
            await runner.start()
            try await bed.untilTried(1)
            let row = try await bed.rows[0]
            #expect(row.lastReply == "451 4.7.1 greylisted")
            #expect(row.nextAttemptAt == bed.time + 120)
            bed.advance(119)
            #expect(try await runner.takeWhatIsDue() == false)
            bed.advance(1)
            await runner.wake()
            try await bed.untilEmpty()
            #expect(server.connections == 2 && server.accepted.count == 1 && bed.notices.count == 0)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("One refused recipient of two: the other gets the message once, and the sender is told of the one")
    func refusesOne() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { _, event in
                event == .command("RCPT TO:<y@a.test>") ? .say("550 5.1.1 no such user") : nil
            }
            let runner = bed.runner(resolver: Self.zone, port: server.port)
            try await bed.queue("x@a.test", "y@a.test")
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.accepted.map(\.recipients) == [["x@a.test"]])
            #expect(bed.notices.count == 1)
            let notice = bed.notices.texts.first ?? ""
            #expect(notice.contains("Final-Recipient: rfc822; y@a.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"))
            #expect(!notice.contains("x@a.test"))
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("A connection that is lost behind the end of data is tried again in its time only: the server may have it")
    func lostAtTheEnd() async throws {
        try await Bed.with { bed in
            let script: FakeServer.Script = { connection, event in
                event == .message && connection == 0 ? .close : nil
            }
            let server = try await FakeServer(on: bed.loops, script: script)
            let other = try await FakeServer(host: "127.0.0.2", port: server.port, on: bed.loops, script: script)
            let runner = bed.runner(resolver: Self.zone, port: server.port)
            try await bed.queue("x@b.test")
            await runner.start()
            try await bed.untilTried(1)
            #expect(server.connections == 0 && other.connections == 1)
            bed.advance(200)
            await runner.wake()
            try await bed.untilEmpty()
            #expect(other.accepted.count == 1)
            await runner.stop(withinSeconds: 5)
            await server.stop()
            await other.stop()
        }
    }

    @Test(
        "RFC 5321 §5.1: the lowest preference first; the next when that is silent, gone or loses the connection before the message",
        arguments: [
            ("", 1, 0), ("greeting", 1, 1), ("drop", 1, 1), ("421", 1, 1), ("absent", 0, 1), ("554", 1, 1),
        ])
    func order(fault: String, first: Int, second: Int) async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let preferred = try await FakeServer(host: "127.0.0.2", port: server.port, on: bed.loops) { _, event in
                switch (fault, event) {
                case ("greeting", .connected), ("drop", .command("DATA")): .close
                case ("421", .command("MAIL FROM:<ann@here.test> BODY=7BIT")): .sayAndClose("421 4.3.2 going down")
                case ("554", .connected): .sayAndClose("554 5.3.2 not here")
                default: nil
                }
            }
            if fault == "absent" { await preferred.stop() }
            let runner = bed.runner(resolver: Self.zone, port: server.port)
            try await bed.queue("x@b.test")
            await runner.start()
            try await bed.untilEmpty()
            #expect(preferred.connections == first && server.connections == second)
            #expect(preferred.accepted.count + server.accepted.count == 1 && bed.notices.count == 0)
            await runner.stop(withinSeconds: 5)
            await server.stop()
            await preferred.stop()
        }
    }

    @Test("What the DNS says for good comes back at once, and what it cannot say is asked again")
    func lookups() async throws {
        try await Bed.with { bed in
            let runner = bed.runner(resolver: Self.zone, port: 1)
            for domain in ["null", "absent", "loop", "bare", "broken", "plain"] {
                try await bed.queue("x@\(domain).test")
            }
            await runner.start()
            try await bed.until { $0.count == 2 && $0.allSatisfy { $0.attempts == 1 } }
            let replies = try await bed.rows.map { "\($0.routeDomain) \($0.lastReply?.prefix(9) ?? "")" }
            #expect(replies.sorted() == ["broken.test 451 4.4.3", "plain.test 451 4.4.1"])
            let codes = ["null": "5.1.10", "absent": "5.1.2", "loop": "5.4.6", "bare": "5.4.4"]
            #expect(bed.notices.count == 4)
            for (domain, code) in codes {
                let notice = bed.notices.texts.first { $0.contains("x@\(domain).test") } ?? ""
                #expect(notice.contains("\r\nStatus: \(code)\r\n"), "\(domain)")
            }
            await runner.stop(withinSeconds: 5)
        }
    }

    @Test("RFC 7435: a server whose TLS does not come about gets the message in clear")
    func fallsBack() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { _, event in
                switch event {
                case .command("EHLO mail.here.test"): .say("250-fake.test\r\n250 STARTTLS")
                case .command("STARTTLS"): .sayAndClose("220 2.0.0 go")
                default: nil
                }
            }
            let runner = bed.runner(resolver: Self.zone, port: server.port)
            try await bed.queue("x@a.test")
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.connections == 2 && server.accepted.count == 1)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("A relay is found by name without DNS; its mail of all domains goes in one transaction")
    func relaysByName() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(.relayed(host: "localhost", port: server.port))
            try await bed.queue("x@a.test", "y@b.test")
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.accepted.map(\.recipients) == [["x@a.test", "y@b.test"]])
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("A relay that cannot be found keeps the mail waiting")
    func relayUnknown() async throws {
        try await Bed.with { bed in
            let nowhere = StaticResolver(["here.test": [.a("127.0.0.1")]])
            let runner = bed.runner(.relayed(host: "no such host", port: 25), resolver: nowhere)
            try await bed.queue("x@a.test")
            await runner.start()
            try await bed.untilTried(1)
            #expect(try await bed.rows.first?.lastReply == "451 4.4.4 The relay no such host has no address")
            #expect(bed.notices.count == 0)
            await runner.stop(withinSeconds: 5)
        }
    }

    @Test("A relay that refuses to talk at all keeps the mail waiting; what it says of a message counts")
    func relayRefuses() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { connection, event in
                switch (connection, event) {
                case (0, .connected): .sayAndClose("554 5.7.1 not for you")
                case (1, .message): .say("554 5.7.1 not this")
                default: nil
                }
            }
            let runner = bed.runner(.relayed(host: "127.0.0.1", port: server.port))
            try await bed.queue("x@a.test")
            await runner.start()
            try await bed.untilTried(1)
            #expect(try await bed.rows.first?.lastReply == "451 4.3.5 The relay refused: 554 5.7.1 not for you")
            bed.advance(200)
            await runner.wake()
            try await bed.untilEmpty()
            #expect(server.connections == 2 && bed.notices.count == 1)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("A server that refuses a message while it is sent, and closes, is understood", .timeLimit(.minutes(1)))
    func refusesEarly() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { _, event in
                event == .command("DATA") ? .sayAndClose("354 go\r\n552 5.3.4 too large") : nil
            }
            let runner = bed.runner(resolver: Self.zone, port: server.port)
            try await bed.queue("x@a.test", subject: String(repeating: "long ", count: 200_000))
            await runner.start()
            try await bed.until { $0.isEmpty || $0.contains { $0.attempts == 1 } }
            // The reset of the connection may have overtaken the reply; nobody took the message in either case.
            #expect(server.accepted.isEmpty && server.connections == 1)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("A message that cannot be read here is put off, and those behind it are sent")
    func unreadable() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: Self.zone, port: server.port)
            // A large message has a file of its own, which goes missing.
            try await bed.queue("x@a.test", subject: String(repeating: "long ", count: 300_000))
            for name in Folder.names(bed.folder + "/segments") { Folder.remove("\(bed.folder)/segments/\(name)") }
            try await bed.queue("y@a.test")
            await runner.start()
            try await bed.until { $0.map(\.recipient.localPart) == ["x"] && $0[0].attempts == 1 }
            #expect(server.accepted.map(\.recipients) == [["y@a.test"]])
            #expect(try await bed.rows.first?.lastReply == "451 4.3.0 The message could not be read here")
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }
}
