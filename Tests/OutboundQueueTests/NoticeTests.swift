import MIME
import MailCore
import MessageStore
import NIOCore
import SMTP
import Testing

@testable import OutboundQueue

@Suite("What senders are told", .timeLimit(.minutes(2))) struct NoticeTests {
    private func refusing(_ bed: Bed, _ reply: String, extensions: [String] = []) async throws -> FakeServer {
        try await FakeServer(on: bed.loops, extensions: extensions) { _, event in
            if case .command(let line) = event, line.hasPrefix("RCPT") { .say(reply) } else { nil }
        }
    }

    @Test("A sender is told once that a message is late, and until when it is tried (RFC 3464 §2.3.9)")
    func tellsOfDelay() async throws {
        try await Bed.with { bed in
            let server = try await refusing(bed, "451 4.7.1 come again later")
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue("x@a.test")
            await runner.start()
            try await bed.untilTried(1)
            #expect(bed.notices.count == 0)
            bed.advance(4 * 3_600)
            await runner.wake()
            try await bed.untilTried(2)
            bed.advance(4 * 3_600)
            await runner.wake()
            try await bed.untilTried(3)
            #expect(bed.notices.count == 1)
            let notice = bed.notices.texts.first ?? ""
            #expect(notice.contains("Subject: Your message is late and is tried further\r\n"))
            #expect(notice.contains("\r\nAction: delayed\r\nStatus: 4.7.1\r\nWill-Retry-Until: "))
            #expect(notice.contains("You need not send it again"))
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    static let wishes: [(RecipientNotification.Occasions?, Int)] = [
        (nil, 1), (.failure, 1), ([.failure, .success], 1), ([], 0), (.success, 0), (.delay, 0),
    ]

    @Test("RFC 3461 §4.1: of a failure who asked for it, or did not say, is told", arguments: wishes)
    func obeysNotify(notify: RecipientNotification.Occasions?, count: Int) async throws {
        try await Bed.with { bed in
            let server = try await refusing(bed, "550 5.1.1 no such user")
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue(["x@a.test"], wishes: RecipientNotification(occasions: notify))
            await runner.start()
            try await bed.untilEmpty()
            #expect(bed.notices.count == count)
            let finished = try await bed.store.finishedDeliveries(limit: 9)
            #expect(finished.map(\.outcome) == [.bounced] && finished.first?.reply == "550 5.1.1 no such user")
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("RFC 3461 §6.3: ENVID and ORCPT come back, and with RET=FULL the whole message")
    func returnsWhatWasGiven() async throws {
        try await Bed.with { bed in
            let server = try await refusing(bed, "550 5.1.1 no such user")
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue(
                ["x@a.test"], notification: MessageNotification(returned: .full, envelopeID: "a b+c"),
                wishes: RecipientNotification(original: "rfc822;first@here.test"))
            await runner.start()
            try await bed.untilEmpty()
            let notice = bed.notices.texts.first ?? ""
            #expect(notice.contains("\r\nOriginal-Envelope-Id: a b+c\r\nReporting-MTA: dns; mail.here.test\r\n"))
            #expect(
                notice.contains(
                    "\r\nOriginal-Recipient: rfc822; first@here.test\r\nFinal-Recipient: rfc822; x@a.test\r\n"))
            #expect(notice.contains("\r\nRemote-MTA: dns; mx.a.test\r\n"))
            let parts = MIME.Message(parsing: ByteBuffer(string: notice)).root.children
            #expect(parts.last?.contentType.type == "message" && parts.last?.contentType.subtype == "rfc822")
            #expect(notice.contains("\r\n.dots\r\nHello.\r\n"))
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("RFC 8689 §5: what must not go without TLS comes back as its header, whatever RET says")
    func returnsHeaderOnly() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue(
                ["x@a.test"], needs: .requireTLS, notification: MessageNotification(returned: .full))
            await runner.start()
            try await bed.untilEmpty()
            let parts = MIME.Message(parsing: ByteBuffer(string: bed.notices.texts.first ?? "")).root.children
            #expect(parts.last?.contentType.subtype == "rfc822-headers")
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("RFC 3461 §5.2.1: a server that knows DSN is told the wishes, and then success is its to tell")
    func passesWishesOn() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops, extensions: ["DSN"])
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue(
                ["x@a.test"], notification: MessageNotification(returned: .headers, envelopeID: "a=b"),
                wishes: RecipientNotification(occasions: [.success, .delay], original: "rfc822;a+b@here.test"))
            await runner.start()
            try await bed.untilEmpty()
            #expect(server.commands.contains("MAIL FROM:<ann@here.test> BODY=7BIT RET=HDRS ENVID=a+3Db"))
            #expect(server.commands.contains("RCPT TO:<x@a.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2Bb@here.test"))
            #expect(bed.notices.count == 0)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("RFC 3461 §5.2.2: who asked for success is told that a server without DSN took the message")
    func tellsOfRelay() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue(["x@a.test"], wishes: RecipientNotification(occasions: .success))
            await runner.start()
            try await bed.until { _ in bed.notices.count == 1 }
            #expect(bed.notices.texts.first?.contains("\r\nAction: relayed\r\nStatus: 2.0.0\r\n") == true)
            #expect(!server.commands.contains { $0.contains("NOTIFY") })
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test("Addresses that do not exist are suppressed for bulk, not for persons; what is sent again lifts it")
    func suppresses() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops) { connection, event in
                event == .command("RCPT TO:<x@a.test>") && connection == 0 ? .say("550 5.1.1 no such user") : nil
            }
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            await runner.start()
            try await bed.queue("x@a.test")
            try await bed.untilEmpty()
            #expect(try await bed.store.suppressions().map(\.address) == ["x@a.test"])
            try await bed.queue(["x@a.test"], priority: .bulk)
            try await bed.untilEmpty()
            #expect(server.connections == 1)
            #expect(bed.notices.texts.last?.contains("suppression") == true)
            try await bed.queue("x@a.test")
            try await bed.untilEmpty()
            #expect(server.accepted.count == 1)
            #expect(try await bed.store.suppressions().isEmpty)
            await runner.stop(withinSeconds: 5)
            await server.stop()
        }
    }

    @Test(
        "Replies are grouped by what can be done",
        arguments: [
            ("550 5.1.1 no", BounceReason.noMailbox), ("550 User unknown in local table", .noMailbox),
            ("452 4.2.2 over quota", .mailboxFull), ("554 5.7.1 blocked using zen.spamhaus.org", .blockListed),
            ("550 5.7.26 unauthenticated mail", .authentication), ("451 4.7.1 Greylisted", .greylisted),
            ("421 4.7.0 too many connections", .tooFast), ("552 5.3.4 too big", .tooLarge), ("550 5.7.1 no", .policy),
            ("554 no", .other),
        ])
    func classifies(text: String, reason: BounceReason) { #expect(BounceReason(kept: text) == reason) }
}
