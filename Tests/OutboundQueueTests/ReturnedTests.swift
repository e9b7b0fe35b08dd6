import MIME
import MailCore
import MessageStore
import NIOCore
import Testing

@testable import OutboundQueue

@Suite("Mail that comes back after it was taken", .timeLimit(.minutes(2))) struct ReturnedTests {
    private static let text = "From: ann@here.test\r\nMessage-ID: <Hello@here.test>\r\n\r\nHello.\r\n"

    private static func notice(
        _ recipient: String, about messageID: String = "Hello@here.test", status: String = "5.1.1",
        arrived: String? = nil, reply: String = "550 5.1.1 no such user"
    ) -> MIME.Message {
        let text = """
            Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
            \r
            --b\r
            Content-Type: message/delivery-status\r
            \r
            Reporting-MTA: dns; mx.a.test\r
            \(arrived.map { "Arrival-Date: \($0)\r\n" } ?? "")\r
            Final-Recipient: rfc822; \(recipient)\r
            Action: failed\r
            Status: \(status)\r
            Diagnostic-Code: smtp; \(reply)\r
            --b\r
            Content-Type: text/rfc822-headers\r
            \r
            Message-ID: <\(messageID)>\r
            --b--\r

            """
        return MIME.Message(parsing: ByteBuffer(string: text))
    }

    /// Sends the message to two, and reads the notices.
    private func read(
        _ notices: [(message: MIME.Message, address: String)]
    ) async throws -> (outcomes: [String], suppressed: [String]) {
        var outcome: ([String], [String]) = ([], [])
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue(
                text: Self.text, ["X@a.test", "y@a.test"], from: "ann@here.test", options: QueueOptions())
            await runner.start()
            try await bed.untilEmpty()
            await runner.stop(withinSeconds: 5)
            await server.stop()
            for (message, address) in notices {
                await NoticeReader(store: bed.store).read(
                    message, to: [EmailAddress(address)].compactMap { $0 }, now: bed.time)
            }
            let finished = try await bed.store.finishedDeliveries(limit: 9)
            outcome = (
                finished.sorted { $0.recipient < $1.recipient }.map { "\($0.outcome)" },
                try await bed.store.suppressions().map { "\($0.address) \($0.reason)" }
            )
        }
        return outcome
    }

    @Test("A notice about a message of ours counts like the reply that its server should have given")
    func learns() async throws {
        for arrived in [nil, "Thu, 1 Jan 1998 00:00:00 +0000", DateTime(unixSeconds: 1_700_000_000).rfc5322] {
            let found = try await read([(Self.notice("x@a.test", arrived: arrived), "Ann@here.test")])
            #expect(found.outcomes == ["bounced", "sent"] && found.suppressed == ["x@a.test no-mailbox"])
        }
    }

    @Test("A notice that blames no address is only counted")
    func keepsReason() async throws {
        let full = Self.notice("x@a.test", status: "5.2.2", reply: "552 5.2.2 mailbox full")
        let found = try await read([(full, "ann@here.test")])
        #expect(found.outcomes == ["bounced", "sent"] && found.suppressed.isEmpty)
    }

    @Test("A notice of another message, recipient or sender, or of what is not final, suppresses nobody")
    func isNotFooled() async throws {
        let found = try await read([
            (Self.notice("z@a.test"), "ann@here.test"),
            (Self.notice("x@a.test", about: "other@here.test"), "ann@here.test"),
            (Self.notice("x@a.test"), "bob@here.test"), (Self.notice("x@a.test", status: "4.2.2"), "ann@here.test"),
        ])
        #expect(found.outcomes == ["sent", "sent"] && found.suppressed.isEmpty)
    }

    @Test("A delivery is turned once: what is taken off the list stays off, however often the notice comes")
    func countsOnce() async throws {
        try await Bed.with { bed in
            let server = try await FakeServer(on: bed.loops)
            let runner = bed.runner(resolver: SendTests.zone, port: server.port)
            try await bed.queue(text: Self.text, ["x@a.test"], from: "ann@here.test", options: QueueOptions())
            await runner.start()
            try await bed.untilEmpty()
            await runner.stop(withinSeconds: 5)
            await server.stop()
            let reader = NoticeReader(store: bed.store)
            let ann = EmailAddress(localPart: "ann", domain: "here.test")
            await reader.read(Self.notice("x@a.test"), to: [ann], now: bed.time)
            #expect(try await bed.store.unsuppress("x@a.test"))
            await reader.read(Self.notice("x@a.test"), to: [ann], now: bed.time)
            #expect(try await bed.store.suppressions().isEmpty)
            var filter = TrailFilter()
            filter.messageID = "Hello@here.test"
            let trail = try await bed.store.timelines(matching: filter, limit: 1)
            #expect(trail.first?.events.map(\.kind) == [.queued, .sent, .bounced])
        }
    }
}
