import MailCore
import NIOCore
import Testing

@testable import MessageStore

@Suite("Queue")
struct QueueTests {
    private let ann = ReversePath.address(EmailAddress(localPart: "ann smith", domain: "example.test"))

    private func address(_ name: String, _ domain: String = "remote.test") -> EmailAddress {
        EmailAddress(localPart: name, domain: domain)
    }

    @Test("queued with the local copies in one transaction; leased, tried again, finished; the body goes with the last")
    func life() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let staged = try await test.store.stage(message("out"))
            let receipt = try await test.store.deliver(
                staged, to: [],
                queue: [
                    QueueEntry(
                        reversePath: ann, recipients: [address("a"), address("b")], options: "{\"x\":1}", notBefore: 100
                    )
                ])
            #expect(receipt.queueIDs.count == 1)
            #expect(try await test.store.dueQueue(now: 99, limit: 10).isEmpty)
            #expect(try await test.store.nextQueueDue() == 100)
            let due = try await test.store.dueQueue(now: 100, limit: 10)
            #expect(due.map(\.recipient) == [address("a"), address("b")])
            #expect(due[0].reversePath == ann && due[0].options == "{\"x\":1}" && due[0].attempts == 0)
            #expect(String(buffer: try await test.store.octets(of: due[0].body)) == String(buffer: message("out")))
            let keys = due.map(\.key)
            #expect(try await test.store.leaseQueue(keys, owner: "me", until: 500) == keys)
            #expect(try await test.store.leaseQueue(keys, owner: "other", until: 500) == [])
            #expect(try await test.store.dueQueue(now: 1_000, limit: 10).isEmpty)
            try await test.store.rescheduleQueue([keys[0]], at: 200, lastReply: "451 later")
            try await test.store.finishQueue([keys[1]], isSent: true, reply: "250 ok")
            let again = try await test.store.dueQueue(now: 200, limit: 10)
            #expect(again.map(\.attempts) == [1] && again[0].lastReply == "451 later")
            #expect(try await test.store.check().isEmpty)
            try await test.store.finishQueue([keys[0]], isSent: false, reply: "550 no")
            #expect(try await test.store.queueCounts() == QueueCounts(messages: 0, waiting: 0, leased: 0, held: 0))
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("what a sender wants to be told, and what next hops must know, is kept with each recipient (RFC 3461)")
    func notifications() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            let asked = RecipientNotification(occasions: [.success, .delay], original: "rfc822;a+b@x.test")
            let entry = QueueEntry(
                reversePath: ann, recipients: [address("a"), address("b"), address("c")],
                needs: [.eightBit, .requireTLS], notification: .init(returned: .headers, envelopeID: "id 1"),
                recipientNotifications: [address("a"): asked, address("b"): .init(occasions: [])])
            _ = try await test.store.deliver(try await test.store.stage(message("out")), to: [], queue: [entry])
            await test.close()
            test = try await TestStore(folder)
            for rows in [try await test.store.listQueue(), try await test.store.dueQueue(now: 1, limit: 9)] {
                #expect(rows.map(\.notification) == [asked, .init(occasions: []), .init()])
                #expect(rows.allSatisfy { $0.messageNotification == entry.notification && $0.needs == entry.needs })
                #expect(String(buffer: try await test.store.octets(of: rows[0].body)) == String(buffer: message("out")))
            }
            await test.close()
        }
    }

    @Test("a lease ends with the process; held recipients wait for retry; filters")
    func restart() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            let staged = try await test.store.stage(message("out"))
            _ = try await test.store.deliver(
                staged, to: [LocalCopy(account: TestStore.ann)],
                queue: [
                    QueueEntry(reversePath: .null, recipients: [address("a")]),
                    QueueEntry(reversePath: ann, recipients: [address("b", "other.test")], holdReason: "restored"),
                ])
            let due = try await test.store.dueQueue(now: 1, limit: 10)
            #expect(due.count == 1 && due[0].reversePath == .null)
            _ = try await test.store.leaseQueue(due.map(\.key), owner: "me", until: 5)
            await test.close()
            test = try await TestStore(folder)
            #expect(try await test.store.queueCounts() == QueueCounts(messages: 2, waiting: 1, leased: 0, held: 1))
            #expect(try await test.store.retryQueue(QueueFilter(routeDomain: "nowhere.test"), now: 9) == 0)
            #expect(try await test.store.retryQueue(QueueFilter(routeDomain: "other.test"), now: 9) == 1)
            let all = try await test.store.listQueue()
            #expect(all.map(\.routeDomain) == ["remote.test", "other.test"] && all[1].lastReply == "restored")
            #expect(try await test.store.listQueue(after: all[0].key).map(\.key) == [all[1].key])
            #expect(try await test.store.holdQueue(QueueFilter(), reason: "stop") == 2)
            #expect(try await test.store.queueCounts().held == 2)
            await test.close()
        }
    }
}
