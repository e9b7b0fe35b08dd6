import MailAuth
import MailCore
import MessageStore
import NIOCore
import OutboundQueue
import Testing

@testable import Delivery

@Suite("What is sent on", .timeLimit(.minutes(2))) struct ForwardingTests {
    private static let stranger = EmailAddress(localPart: "eve", domain: "far.test")

    private func queued(
        _ bed: Bed, to recipients: [String], from reversePath: ReversePath, _ origin: Origin.Kind,
        found: AuthenticationResults? = nil
    ) async throws -> [QueuedRecipient] {
        let destinations = try await bed.agent.destinations(of: recipients.compactMap { EmailAddress($0) })
        let staged = try await bed.store.stage(ByteBuffer(string: "From: a@here.test\r\n\r\nHello.\r\n"))
        try await bed.agent.deliver(
            staged, from: reversePath, to: destinations, origin: Origin(origin), found: found)
        return try await bed.store.listQueue()
    }

    @Test("A stranger's message leaves with a reverse-path of ours, sealed and unsigned; its bounce leads back to him")
    func rewrites() async throws {
        try await Bed.with { bed in
            let found = AuthenticationResults(
                authservID: "mx.here.test",
                results: [.init(method: "arc", result: "pass"), .init(method: "spf", result: "pass")])
            let rows = try await queued(
                bed, to: ["team@here.test"], from: .address(Self.stranger), .exchange, found: found)
            #expect(rows.map(\.recipient.domain) == ["else.test"])
            let path = try #require(rows[0].reversePath.address)
            #expect(path.domain == "here.test" && path.localPart.hasPrefix("SRS0="))
            let options = QueueOptions(text: rows[0].options)
            #expect(!options.isOurs && options.seal?.domain == "here.test" && options.seal?.status == "pass")
            #expect(options.seal?.results.contains("spf=pass") == true)
            #expect(bed.agent.leadsBack(path))
            #expect(try await bed.agent.destinations(of: [path]).remote == [Self.stranger])
            // Another's address of this kind is nobody's.
            let forged = EmailAddress(localPart: "SRS0=AAAAAA=AA=far.test=eve", domain: "here.test")
            #expect(!bed.agent.leadsBack(forged))
            #expect(try await bed.agent.destinations(of: [forged]).isEmpty)
        }
    }

    @Test("A notice keeps its null reverse-path, and a sender of ours his own")
    func keeps() async throws {
        try await Bed.with { bed in
            let rows = try await queued(bed, to: ["team@here.test"], from: .null, .exchange)
            #expect(rows.map(\.reversePath) == [.null])
        }
        try await Bed.with { bed in
            let ann = ReversePath.address(EmailAddress(localPart: "ann", domain: "here.test"))
            let rows = try await queued(bed, to: ["team@here.test", "x@else.test"], from: ann, .submission)
            #expect(rows.count == 2 && rows.allSatisfy { $0.reversePath == ann })
            #expect(rows.allSatisfy { QueueOptions(text: $0.options).isOurs })
        }
    }

    @Test("What goes to many, or is a list's, goes behind a person's mail")
    func priorities() async throws {
        try await Bed.with { bed in
            let many = (0...Agent.personalRecipientsMax).map { "r\($0)@else.test" }
            let rows = try await queued(bed, to: many, from: .null, .submission)
            #expect(rows.allSatisfy { $0.priority == .bulk } && rows.count == 51)
            let one = try await queued(bed, to: ["z@else.test"], from: .null, .submission)
            #expect(one.first { $0.recipient.localPart == "z" }?.priority == .person)
        }
    }
}
