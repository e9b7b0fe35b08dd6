import DNS
import MailCore
import MessageStore
import NIOCore
import OutboundQueue
import Testing
import Transport

@testable import Delivery

@Suite("Mail that comes back", .timeLimit(.minutes(2))) struct ReturnTests {
    @Test("A message that cannot be delivered comes back to the inbox of its sender here as a notice")
    func comesBack() async throws {
        try await Bed.with { bed in
            let loops = EventLoops(threads: 1)
            let runner = Runner(
                options: .init(hostname: "mail.here.test", route: .exchangers), store: bed.store,
                resolver: StaticResolver(["else.test": [.mx(0, "")]]), loops: loops, files: bed.pool, local: bed.agent,
                now: { 1_700_000_000 })
            let found = try await bed.agent.destinations(of: [EmailAddress(localPart: "x", domain: "else.test")])
            let staged = try await bed.store.stage(ByteBuffer(string: "Subject: hi\r\n\r\nHello.\r\n"))
            let ann = EmailAddress(localPart: "ann", domain: "here.test")
            try await bed.agent.deliver(staged, from: .address(ann), to: found)
            await runner.start()
            while try await bed.texts("ann", "INBOX").isEmpty { await Task.yield() }
            await runner.stop(withinSeconds: 5)
            let texts = try await bed.texts("ann", "INBOX")
            #expect(texts.count == 1)
            #expect(texts[0].hasPrefix("Return-Path: <>\r\nDelivered-To: ann@here.test\r\nFrom: "))
            #expect(
                texts[0].contains("Final-Recipient: rfc822; x@else.test\r\n") && texts[0].contains("Subject: hi\r\n"))
            #expect(try await bed.store.listQueue().isEmpty)
            await loops.stop()
        }
    }
}
