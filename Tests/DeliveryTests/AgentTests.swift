import Directory
import MailCore
import MessageStore
import NIOCore
import Testing

@testable import Delivery

@Suite("Delivery", .timeLimit(.minutes(2))) struct AgentTests {
    private static func addresses(_ texts: [String]) -> [EmailAddress] { texts.compactMap { EmailAddress($0) } }

    struct Case: Sendable, CustomTestStringConvertible {
        var recipients: [String]
        var local: [String] = []
        var remote: [String] = []
        var dead: [String] = []
        var testDescription: String { recipients.joined(separator: " ") }
    }

    @Test(
        "Aliases are followed to their ends, each end once, and no circle holds anybody",
        arguments: [
            Case(recipients: ["Ann+tag@here.test", "ann@here.test"], local: ["Ann+tag@here.test"]),
            Case(
                recipients: ["team@here.test"], local: ["team@here.test", "team@here.test"], remote: ["far@else.test"]),
            Case(
                recipients: ["bob@here.test", "team@here.test"], local: ["bob@here.test", "team@here.test"],
                remote: ["far@else.test"]),
            Case(recipients: ["circle@here.test"]),
            Case(recipients: ["nobody@here.test", "x@else.test"], remote: ["x@else.test"], dead: ["nobody@here.test"]),
            Case(recipients: ["chain9@here.test"], local: ["chain9@here.test"]),
            Case(recipients: ["chain10@here.test"], dead: ["chain0@here.test"]),
            Case(recipients: []),
        ])
    func destinations(_ c: Case) async throws {
        try await Bed.with { bed in
            let found = try await bed.agent.destinations(of: Self.addresses(c.recipients))
            #expect(found.local.map(\.original) == Self.addresses(c.local))
            #expect(found.remote == Self.addresses(c.remote))
            #expect(found.dead == Self.addresses(c.dead))
            #expect(Set(found.local.map(\.account)).count == found.local.count)
            #expect(found.isEmpty == (c.local.isEmpty && c.remote.isEmpty))
        }
    }

    @Test("RFC 5321 §4.4: one copy in each inbox or Junk, Return-Path first; the rest in the queue, 8-bit as it came")
    func delivers() async throws {
        try await Bed.with { bed in
            let found = try await bed.agent.destinations(of: Self.addresses(["team@here.test"]))
            var treatment = Agent.Treatment()
            treatment.isJunk = true
            treatment.headerLines = ByteBuffer(string: "X-Verdict: spam\r\n")
            let bob = try await bed.account("bob")
            let staged = try await bed.store.stage(ByteBuffer(string: "Subject: hi\r\n\r\nHello.\r\n"))
            try await bed.agent.deliver(
                staged, from: .address(EmailAddress(localPart: "s p", domain: "far.test")), to: found,
                treatments: [bob: treatment], request: MessageRequest(needs: [.eightBit]))
            let prefix = "Return-Path: <\"s p\"@far.test>\r\nDelivered-To: team@here.test\r\n"
            #expect(try await bed.texts("ann", "INBOX") == ["\(prefix)Subject: hi\r\n\r\nHello.\r\n"])
            #expect(try await bed.texts("bob", "INBOX") == [])
            #expect(try await bed.texts("bob", "Junk") == ["\(prefix)X-Verdict: spam\r\nSubject: hi\r\n\r\nHello.\r\n"])
            let rows = try await bed.store.listQueue()
            #expect(rows.map(\.recipient) == Self.addresses(["far@else.test"]) && rows.map(\.needs) == [.eightBit])
        }
    }

    @Test("A control octet in an address ends no line of ours")
    func printable() async throws {
        try await Bed.with { bed in
            let found = try await bed.agent.destinations(of: Self.addresses(["ann@here.test"]))
            let staged = try await bed.store.stage(ByteBuffer(string: "\r\n"))
            try await bed.agent.deliver(
                staged, from: .address(EmailAddress(localPart: "a\r\nX: y", domain: "far.test")), to: found)
            #expect(
                try await bed.texts("ann", "INBOX").first?.hasPrefix("Return-Path: <\"a??X: y\"@far.test>\r\n") == true)
        }
    }

    @Test("A notice is in the inbox of a sender of ours, in the queue for others, and dropped when nobody is there")
    func notices() async throws {
        try await Bed.with { bed in
            let notice = ByteBuffer(string: "Subject: failed\r\n\r\n")
            for sender in Self.addresses(["ann@here.test", "x@else.test", "nobody@here.test", "circle@here.test"]) {
                try await bed.agent.deliverNotice(notice, to: sender, needs: [])
            }
            #expect(
                try await bed.texts("ann", "INBOX")
                    == ["Return-Path: <>\r\nDelivered-To: ann@here.test\r\nSubject: failed\r\n\r\n"])
            let rows = try await bed.store.listQueue()
            #expect(rows.map(\.recipient) == Self.addresses(["x@else.test"]) && rows.map(\.reversePath) == [.null])
        }
    }

    @Test(
        "One message reaches 5,000 addresses at most, and none of them is left out in silence",
        arguments: [5_000, 5_001])
    func bound(count: Int) async throws {
        try await Bed.with { bed in
            let many = (0..<count).map { EmailAddress(localPart: "r\($0)", domain: "else.test") }
            guard count > Agent.destinationsMax else {
                let found = try await bed.agent.destinations(of: many)
                return #expect(found.remote.count == count)
            }
            await #expect(throws: DirectoryError.limit("addresses behind one message", max: 5_000)) {
                try await bed.agent.destinations(of: many)
            }
        }
    }
}
