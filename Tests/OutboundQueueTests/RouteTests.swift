import MailCore
import MessageStore
import SMTP
import Testing

@testable import OutboundQueue

@Suite("Routes", .timeLimit(.minutes(2))) struct RouteTests {
    private static let good: [(String, Route)] = [
        ("direct", .exchangers),
        ("to=a.test via=mx.b.test:587 tls=verify", .relay(Relay(host: "mx.b.test", port: 587, security: .verify))),
        ("tls=verify via=h.test:587", .relay(Relay(host: "h.test", port: 587, security: .verify))),
        ("via=[2001:db8::1]:25", .relayed(host: "2001:db8::1", port: 25)),
        ("from=@A.test direct from4=192.0.2.1", .direct(SourceAddresses(ipv4: "192.0.2.1"))),
        (
            "via=h.test:465 tls=implicit from6=2001:db8::2",
            .relay(
                Relay(host: "h.test", port: 465, security: .implicit, sources: SourceAddresses(ipv6: "2001:db8::2")))
        ),
    ]

    @Test("A route is a line of words", arguments: good)
    func parses(text: String, route: Route) throws {
        #expect(try RouteRule(text).route == route)
    }

    @Test(
        "What is no route is refused with its reason",
        arguments: [
            "", "to=a.test", "direct via=h.test:25", "via=h.test", "via=h.test:0", "to=- direct", "from=x direct",
            "via=h.test:25 tls=maybe", "via=h.test:25 login=x", "direct from4=2001:db8::1", "direct per_minute=0", "x",
            "direct tls=verify", "login=x password_file=/y direct",
        ])
    func refuses(text: String) {
        #expect(throws: RouteRule.Fault.self) { try RouteRule(text) }
    }

    @Test(
        "By the recipient's domain, with all below it or without, and by the sender",
        arguments: [
            ("to=a.test direct", "a.test", "", true), ("to=a.test direct", "b.a.test", "", false),
            ("to=.a.test direct", "b.a.test", "", true), ("to=.a.test direct", "a.test", "", true),
            ("to=.a.test direct", "xa.test", "", false), ("from=x@a.test direct", "q.test", "X@a.test", true),
            ("from=@a.test direct", "q.test", "y@a.test", true), ("from=@a.test direct", "q.test", "", false),
        ])
    func matches(text: String, domain: String, sender: String, isMatch: Bool) throws {
        #expect(try RouteRule(text).matches(domain: domain, sender: EmailAddress(sender)) == isMatch)
    }

    @Test("Mail of one domain goes through its smarthost, all other mail to its exchangers")
    func chooses() async throws {
        try await Bed.with { bed in
            let smarthost = try await FakeServer(on: bed.loops)
            let exchanger = try await FakeServer(host: "127.0.0.2", port: smarthost.port, on: bed.loops)
            let rule = try RouteRule("to=a.test via=127.0.0.1:\(smarthost.port)")
            let runner = bed.runner(resolver: SendTests.zone, port: smarthost.port) { $0.rules = [rule] }
            try await bed.queue("x@a.test")
            try await bed.queue("y@b.test")
            await runner.start()
            try await bed.untilEmpty()
            #expect(smarthost.accepted.map(\.recipients) == [["x@a.test"]])
            #expect(exchanger.accepted.map(\.recipients) == [["y@b.test"]])
            await runner.stop(withinSeconds: 5)
            await smarthost.stop()
            await exchanger.stop()
        }
    }

    @Test("A password goes over TLS only: to a smarthost without TLS nothing is sent, and it is tried again")
    func keepsPassword() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops, extensions: ["AUTH PLAIN"])
            let relay = Relay(host: "127.0.0.1", port: server.port, login: "me", password: "secret")
            let runner = bed.runner(.relay(relay))
            try await bed.queue("x@a.test")
            await runner.start()
            try await bed.untilTried(1)
            #expect(try await bed.rows.first?.lastReply?.contains("TLS") == true)
            #expect(!server.commands.contains { $0.hasPrefix("AUTH") } && server.accepted.isEmpty)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("Over TLS the smarthost gets the login")
    func logsIn() async throws {
        try await Bed.with { bed in
            let tls = try TestTLS(names: ["mx.a.test"])
            let server = try await FakeServer(on: bed.loops, tls: tls.context, extensions: ["AUTH PLAIN"])
            let relay = Relay(
                host: "127.0.0.1", port: server.port, security: .required, login: "me", password: "secret")
            let runner = bed.runner(.relay(relay))
            try await bed.queue("x@a.test")
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.commands.contains("AUTH PLAIN AG1lAHNlY3JldA=="))
            #expect(server.accepted.count == 1)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("No more messages a minute than a route allows; the rest goes in the next, and no attempt is counted")
    func isSlow() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let rule = try RouteRule("to=a.test direct per_minute=2")
            let runner = bed.runner(resolver: SendTests.zone, port: server.port) { $0.rules = [rule] }
            for _ in 0..<5 { try await bed.queue("x@a.test") }
            await runner.start()
            try await bed.until { rows in rows.count == 3 && rows.allSatisfy { $0.state == .waiting } }
            #expect(server.accepted.count == 2)
            #expect(try await bed.rows.allSatisfy { $0.attempts == 0 && $0.nextAttemptAt == bed.time + 60 })
            bed.advance(60)
            await runner.wake()
            try await bed.until { rows in rows.count == 1 && rows[0].state == .waiting }
            bed.advance(60)
            await runner.wake()
            try await bed.untilEmpty()
            #expect(server.accepted.count == 5)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }
}
