import MailCore
import Testing

@testable import Directory

@Suite("What an account may send")
struct SendingTests {
    private func addresses(_ names: String...) -> [EmailAddress] {
        names.map { EmailAddress(localPart: $0, domain: "far.test") }
    }

    @Test("messages, recipients and new recipients are counted by hour and by day, and what is one too many is not")
    func limits() async throws {
        try await Fixture.with { fixture in
            let id = try await fixture.add("ann@here.test")[0]
            func send(_ names: [EmailAddress], _ limits: SendingLimits, at hour: Int64) async throws -> SendingExcess? {
                try await fixture.registry.countSending(id, to: names, limits: limits, unixSeconds: hour * 3_600 + 5)
            }
            var limits = SendingLimits()
            limits.messagesPerHour = 2
            limits.messagesPerDay = 3
            #expect(try await send(addresses("a"), limits, at: 100) == nil)
            #expect(try await send(addresses("a", "b"), limits, at: 100) == nil)
            for _ in 1...2 {
                #expect(
                    try await send(addresses("a"), limits, at: 100) == .init(unit: .messages, max: 2, hours: 1))
            }
            #expect(try await send(addresses("a"), limits, at: 101) == nil)
            #expect(try await send(addresses("a"), limits, at: 101) == .init(unit: .messages, max: 3, hours: 24))
            #expect(try await send(addresses("a"), limits, at: 124) == nil)
            limits = SendingLimits()
            limits.recipientsPerHour = 3
            #expect(
                try await send(addresses("a", "b", "c", "d"), limits, at: 200)
                    == .init(unit: .recipients, max: 3, hours: 1))
            // The same one twice, in another case, is one.
            #expect(try await send(addresses("a", "A", "b", "c"), limits, at: 200) == nil)
            limits = SendingLimits()
            limits.strangersPerDay = 2
            #expect(try await send(addresses("x", "y"), limits, at: 300) == nil)
            #expect(try await send(addresses("a", "x", "y"), limits, at: 301) == nil)
            #expect(
                try await send(addresses("z"), limits, at: 301) == .init(unit: .strangers, max: 2, hours: 24))
            #expect(try await send(addresses("z"), limits, at: 330) == nil)
        }
    }

    @Test("a message that was not taken after all does not count")
    func uncounted() async throws {
        try await Fixture.with { fixture in
            let id = try await fixture.add("ann@here.test")[0]
            var limits = SendingLimits()
            limits.messagesPerHour = 1
            for _ in 1...3 {
                #expect(
                    try await fixture.registry.countSending(id, to: addresses("a"), limits: limits, unixSeconds: 9)
                        == nil)
                try await fixture.registry.uncountSending(id, to: addresses("a"), limits: limits, unixSeconds: 9)
            }
        }
    }
}
