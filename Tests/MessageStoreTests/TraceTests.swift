import Glibc
import MailCore
import NIOCore
import SQLite
import Testing

@testable import MessageStore

@Suite("The life of a message is kept")
struct TraceTests {
    @Test("received, delivered, moved, copied, expunged, brought back, purged: in their order, found by anything known")
    func life() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let staged = try await test.store.stage(message("Quarterly Report", id: "q1"))
            let remote = EmailAddress(localPart: "eve", domain: "remote.test")
            try await test.store.deliver(
                staged,
                to: [
                    LocalCopy(account: TestStore.ann, address: "ann@example.test", verdict: "{\"action\":\"accept\"}")
                ],
                queue: [QueueEntry(reversePath: .null, recipients: [remote])],
                origin: Origin(.exchange, session: "c7-1", client: "192.0.2.1", reversePath: "sender@else.test"))
            try await test.deliver("noise")
            let inbox = try await test.inbox().id
            let archive = try await test.store.mailbox(of: TestStore.ann, named: "Archive").id
            _ = try await test.store.move(from: inbox, uids: [1...1], to: archive, account: TestStore.ann)
            _ = try await test.store.copy(from: archive, uids: [1...1], to: inbox, account: TestStore.ann)
            _ = try await test.store.expunge(mailbox: archive, uids: [1...1], onlyDeleted: false)
            let due = try await test.store.dueQueue(now: 10, limit: 9).map(\.key)
            try await test.store.rescheduleQueue(due, at: 20, lastReply: "451 4.7.1 greylisted")
            try await test.store.finishQueue(due, isSent: true, reply: "250 2.0.0 ok")
            let kept = try await test.store.keptMessages(of: TestStore.ann)
            _ = try await test.store.bringBack(kept.map(\.key), account: TestStore.ann)
            var filters = [TrailFilter(), TrailFilter(), TrailFilter(), TrailFilter(), TrailFilter(), TrailFilter()]
            filters[0].messageID = "<q1@example.test>"
            filters[1].address = "Sender@else.test"
            filters[2].address = "eve@remote.test"
            filters[3].subjectWords = ["report", "quarterly"]
            filters[4].session = "c7"
            filters[5].account = TestStore.ann
            filters[5].address = "another-name@example.test"
            filters[5].until = Int64(time(nil)) + 5
            for (index, filter) in filters.enumerated() {
                let found = try await test.store.timelines(matching: filter, limit: 10)
                #expect(found.last?.trail.subject == "Quarterly Report", "filter \(index)")
                #expect(found.count == (index == 5 ? 2 : 1), "filter \(index)")
            }
            let timeline = try #require(try await test.store.timelines(matching: filters[0], limit: 1).first)
            #expect(
                timeline.events.map(\.kind) == [
                    .delivered, .queued, .moved, .copied, .expunged, .attempted, .sent, .broughtBack,
                ])
            #expect(
                timeline.events.map(\.mailbox).compactMap { $0 } == ["INBOX", "Archive", "INBOX", "Archive", "Archive"])
            #expect(timeline.events[5].detail == "451 4.7.1 greylisted")
            #expect(timeline.verdicts.map(\.verdict) == ["{\"action\":\"accept\"}"])
            #expect(timeline.trail.origin.client == "192.0.2.1")
            var late = TrailFilter()
            late.since = Int64(time(nil)) + 100
            #expect(try await test.store.timelines(matching: late, limit: 9).isEmpty)
            await test.close()
        }
    }

    @Test("what was refused has a trail, too, and its number is never a body's")
    func refusals() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            let staged = try await test.store.stage(message("virus"))
            try await test.store.recordRefusal(
                staged, origin: Origin(.exchange, session: "c1-1"), isTemporary: false,
                recipients: ["ann@example.test"], detail: "550 5.7.1 no")
            let refused = try #require(try await test.store.timelines(matching: TrailFilter(), limit: 9).first)
            #expect(refused.events.map(\.kind) == [.refused])
            await test.close()
            test = try await TestStore(folder)
            try await test.deliver("good")
            let all = try await test.store.timelines(matching: TrailFilter(), limit: 9)
            #expect(all.map(\.trail.subject) == ["good", "virus"])
            #expect(all.map(\.events.count) == [1, 1])
            await test.close()
        }
    }

    @Test("old trails go with their events, the young stay")
    func purges() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<3 { try await test.deliver("\(index)") }
            let now = Int64(time(nil))
            try await test.store.purgeEvents(keepDays: 90, now: now + 89 * 86_400)
            #expect(try await test.store.timelines(matching: TrailFilter(), limit: 9).count == 3)
            try await test.store.purgeEvents(keepDays: 90, now: now + 91 * 86_400)
            #expect(try await test.store.timelines(matching: TrailFilter(), limit: 9).isEmpty)
            #expect(try await test.database.read { try $0.integer("SELECT count(*) FROM message_event") } == 0)
            await test.close()
        }
    }
}
