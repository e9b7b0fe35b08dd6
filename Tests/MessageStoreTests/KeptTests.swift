import Execution
import Glibc
import MailCore
import NIOCore
import SQLite
import Testing

@testable import MessageStore

@Suite("Expunged mail is kept, brought back and purged")
struct KeptTests {
    private static let day: Int64 = 86_400

    @Test("what was expunged comes back with its flags and date under a new UID; a deleted folder is made again")
    func bringsBack() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let project = try await test.store.createMailbox(account: TestStore.ann, name: "work/project")
            let staged = try await test.store.stage(message("plan"))
            _ = try await test.store.append(
                staged, account: TestStore.ann, mailbox: project, flags: [.seen, .flagged, .deleted],
                internalDate: 12_345, zoneMinutes: -90)
            try await test.store.deleteMailbox(account: TestStore.ann, name: "work/project")
            let kept = try await test.store.keptMessages(of: TestStore.ann)
            #expect(kept.map(\.mailboxName) == ["work/project"])
            #expect(kept.map(\.actor) == ["delete"])
            #expect(kept.map(\.subject) == ["plan"])
            #expect(try await test.store.keptMessages(of: TestStore.bob).isEmpty)
            #expect(try await test.store.bringBack(kept.map(\.key), account: TestStore.bob) == 0)
            #expect(try await test.store.bringBack(kept.map(\.key), account: TestStore.ann) == 1)
            #expect(try await test.store.bringBack(kept.map(\.key), account: TestStore.ann) == 0)
            let again = try await test.store.mailbox(of: TestStore.ann, named: "work/project")
            #expect(again.id != project && again.messages == 1)
            let row = try #require(try await test.store.summaries(of: again.id, uids: 1...9, limit: 9).first)
            #expect(row.flags == [.seen, .flagged])
            #expect(row.internalDate == 12_345 && row.internalZoneMinutes == -90)
            #expect(try await test.text(again.id, 1) == String(buffer: message("plan")))
            #expect(try await test.store.check() == [])
            await test.close()
        }
    }

    @Test("kept mail goes after its time, the domain's if it has one, and its octets become dead")
    func retention() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.deliver("one", to: [TestStore.ann, TestStore.bob])
            try await test.deliver("two")
            let inbox = try await test.inbox()
            _ = try await test.store.copy(from: inbox.id, uids: [2...2], to: inbox.id, account: TestStore.ann)
            _ = try await test.store.expunge(mailbox: inbox.id, uids: [1...2], onlyDeleted: false)
            let now = Int64(time(nil))
            #expect(try await test.store.purgeKept(retentionDays: 14, now: now + 13 * Self.day) == 0)
            try await test.store.setRetention(days: 30, of: TestStore.domain)
            #expect(try await test.store.purgeKept(retentionDays: 14, now: now + 29 * Self.day) == 0)
            try await test.store.setRetention(days: 0, of: TestStore.domain)
            #expect(try await test.store.purgeKept(retentionDays: 14, now: now + 60) == 2)
            #expect(try await test.store.quotaState(of: TestStore.ann).keptOctets == 0)
            // The body of one is bob's still; two is in the inbox as its copy.
            let rows = try await test.database.read { try $0.integer("SELECT count(*) FROM body") }
            #expect(rows == 2)
            #expect(try await test.text(inbox.id, 3) == String(buffer: message("two")))
            #expect(try await test.text(try await test.inbox(TestStore.bob).id, 1, TestStore.bob) != "")
            #expect(try await test.store.check() == [])
            _ = try await test.store.expunge(mailbox: inbox.id, uids: nil, onlyDeleted: false)
            #expect(try await test.store.purgeKept(retentionDays: 14, now: now + 60) == 1)
            #expect(try await test.database.read { try $0.integer("SELECT count(*) FROM message") } == 1)
            #expect(try await test.database.read { try $0.integer("SELECT count(*) FROM thread_reference") } == 1)
            #expect(try await test.store.check() == [])
            await test.close()
        }
    }

    @Test("under pressure the oldest goes first, and it stops when there is room")
    func pressure() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<3 { try await test.deliver("\(index)") }
            let inbox = try await test.inbox().id
            let now = Int64(time(nil))
            for uid in 1...3 as ClosedRange<UInt32> {
                _ = try await test.store.expunge(mailbox: inbox, uids: [uid...uid], onlyDeleted: false)
                try await test.database.write { transaction in
                    _ = try transaction.execute(
                        "UPDATE expunged SET expunged_at = ? WHERE uid = ?",
                        .integer(now - (4 - Int64(uid)) * 4 * Self.day), .integer(uid))
                }
            }
            let erased = try await test.store.purgeKept(
                retentionDays: 14, now: now, isPressed: true, isRelieved: { true })
            #expect(erased == 0)
            let more = try await test.store.purgeKept(retentionDays: 14, now: now, isPressed: true) { false }
            #expect(more == 3)
            await test.close()
        }
    }

    @Test(
        "an emptied segment is compacted: what is alive reads the same, the space comes back, backups see the new file")
    func compacts() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder) { $0.segmentOctetsMax = 100_000 }
            let pool = BlockingPool(name: "compaction", threads: 1, queueMax: 4)
            let body = String(repeating: "0123456789abcde\r\n", count: 500)
            for index in 0..<40 {
                let staged = try await test.store.stage(message("\(index)", body: body))
                try await test.store.deliver(staged, to: [LocalCopy(account: TestStore.ann)])
            }
            let inbox = try await test.inbox().id
            let details = try await test.store.details(
                of: inbox, account: TestStore.ann, uids: 1...40, limit: 40, want: [.body])
            _ = try await test.store.expunge(
                mailbox: inbox, uids: (1...40).filter { $0 % 4 != 0 }.map { UInt32($0)...UInt32($0) },
                onlyDeleted: false)
            try await test.store.sealOpenSegment()
            let before = try await test.store.space()
            try await test.store.purgeKept(retentionDays: 0, now: Int64(time(nil)) + 60)
            let freed = try await test.store.compact(percent: 40, pool: pool, octetsPerSecondMax: 0)
            #expect(freed > 200_000)
            // Who read the place before may read it still.
            let old = try #require(details.first { $0.summary.uid == UID(8) }?.body)
            #expect(try await test.store.octets(of: old).readableBytes == old.octetCount)
            try await test.store.clearRetired(now: Int64(time(nil)) + 3_600)
            #expect(try await test.store.octets(of: old).readableBytes == old.octetCount)
            #expect(try await test.store.octets(of: [old, old]).count == 2)
            let after = try await test.store.space()
            #expect(after.octets < before.octets / 3 && after.deadOctets == 0)
            for uid in stride(from: 4, through: 40, by: 4) as StrideThrough<UInt32> {
                #expect(try await test.text(inbox, uid) == String(buffer: message("\(uid - 1)", body: body)))
            }
            #expect(try await test.store.check() == [])
            let files = try await test.store.segmentFiles()
            #expect(files.allSatisfy { access($0.path, R_OK) == 0 })
            await test.close()
            test = try await TestStore(folder)
            #expect(Folder.names(folder + "/lost").isEmpty)
            try await test.deliver("after")
            #expect(try await test.store.check() == [])
            await test.close()
            pool.stop()
        }
    }

    @Test("a copy that compaction had made when the end came is removed by the next start, and nothing is lost")
    func killedInCompaction() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            try await test.deliver("one")
            try await test.store.sealOpenSegment()
            let record = SegmentRecord.compactionHeader(
                madeAt: 0, commitNumber: test.store.segments.commitNumber
            ).encoded()
            await test.close()
            let path = StorePaths(directory: folder).segment(StoreID.make(generation: 1, counter: 9))
            mkdir(folder + "/segments/09", 0o700)
            let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
            _ = record.withUnsafeReadableBytes { write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
            test = try await TestStore(folder)
            #expect(access(path, F_OK) != 0)
            #expect(Folder.names(folder + "/lost").isEmpty)
            #expect(try await test.store.check() == [])
            await test.close()
        }
    }
}
