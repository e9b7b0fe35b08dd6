import MailCore
import MessageStore
import Testing

@testable import OutboundQueue

@Suite("What goes together") struct ConsignmentTests {
    private func grouped(_ addresses: [String]) async throws -> [(String, [String])] {
        var result: [(String, [String])] = []
        try await Bed.with { bed in
            for address in addresses { try await bed.queue(address.split(separator: " ").map(String.init)) }
            let due = try await bed.store.dueQueue(now: 1, limit: 10_000).sorted { $0.key.queueID < $1.key.queueID }
            result = Consignment.grouped(due) { $0.routeDomain }.map { group in
                (group.destination, group.consignments.map { $0.recipients.map(\.recipient.localPart).joined() })
            }
        }
        return result
    }

    @Test("By destination, then by message, in the order in which they are due")
    func order() async throws {
        let groups = try await grouped(["a@x.test b@y.test c@x.test", "d@y.test", "e@X.test f@y.test"])
        #expect(groups.map(\.0) == ["x.test", "y.test"])
        #expect(groups.map(\.1) == [["ac", "e"], ["b", "d", "f"]])
    }

    @Test("RFC 5321 §4.5.3.1.8: at most 100 recipients in one transaction", arguments: [100, 101, 250])
    func split(count: Int) async throws {
        let groups = try await grouped([(0..<count).map { "r\($0)@x.test" }.joined(separator: " ")])
        #expect(groups.first?.1.count == (count + 99) / 100)
    }

    @Test(
        "What is not known among the words is left out, and what was written is read",
        arguments: [("", false), ("{}", false), ("8bit", false), ("ours", true), ("x ours y", true), ("oursx", false)])
    func options(text: String, isOurs: Bool) {
        #expect(QueueOptions(text: text).isOurs == isOurs)
        var options = QueueOptions(text: text)
        options.seal = .init(domain: "a.test", status: "pass", results: "mx.a.test; spf=pass (a b; \u{e4}+)")
        #expect(QueueOptions(text: options.text) == options)
    }
}
