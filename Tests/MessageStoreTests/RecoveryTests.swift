import Glibc
import MailCore
import NIOCore
import SQLite
import Synchronization
import Testing

@testable import MessageStore

@Suite("Recovery")
struct RecoveryTests {
    @Test("segments are sealed at their size and never change afterwards; all is read back after opening again")
    func rollover() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder) { $0.segmentOctetsMax = 1 << 20 }
            let body = String(repeating: "0123456789abcde\r\n", count: 6_000)
            for index in 0..<25 {
                let staged = try await test.store.stage(message("\(index)", body: body))
                try await test.store.deliver(staged, to: [LocalCopy(account: TestStore.ann)])
            }
            let files = try await test.store.segmentFiles()
            #expect(files.map(\.isSealed) == [true, true, false])
            #expect(files.allSatisfy { $0.octets <= 1 << 20 && $0.octets > 400_000 })
            try await test.store.sealOpenSegment()
            let sealed = try await test.store.segmentFiles()
            #expect(sealed.allSatisfy { $0.isSealed } && test.store.openSegmentEnd() == nil)
            await test.close()
            test = try await TestStore(folder) { $0.segmentOctetsMax = 1 << 20 }
            #expect(try await test.store.segmentFiles() == sealed)
            let inbox = try await test.inbox()
            #expect(try await test.uids(inbox.id) == [1...25])
            #expect(try await test.text(inbox.id, 13) == String(buffer: message("12", body: body)))
            #expect(try await test.store.check().isEmpty)
            try await test.deliver("next")
            #expect(try await test.store.segmentFiles().count == sealed.count + 1)
            await test.close()
        }
    }

    @Test("zeros are written ahead of the open segment; sealing, closing and the start after a kill give them back")
    func zerosAhead() async throws {
        try await withFolder { folder in
            let live = folder + "/live"
            mkdir(live, 0o700)
            let change = { (options: inout MessageStore.Options) in
                options.segmentOctetsMax = 1 << 20
                options.zeroFillOctets = 100_000
                options.fillsInline = true
            }
            var test = try await TestStore(live, change: change)
            try await test.deliver("one")
            let first = try #require(try await test.store.segmentFiles().first)
            #expect(Self.octets(first.path) == first.octets + 100_000)
            try await test.store.sealOpenSegment()
            #expect(Self.octets(first.path) == first.octets)
            for number in 0..<200 { try await test.deliver("two \(number)") }
            let second = try #require(try await test.store.segmentFiles().last)
            #expect((second.octets + 50_000...second.octets + 150_000).contains(Self.octets(second.path)))
            Folder.copy(live, to: folder + "/killed")
            await test.close()
            test = try await TestStore(folder + "/killed", change: change)
            let killed = folder + "/killed" + second.path.dropFirst(live.count)
            #expect(Self.octets(killed) == second.octets)
            #expect(try await test.uids(try await test.inbox().id) == [1...201])
            #expect(try await test.store.check() == [])
            await test.close()
        }
    }

    private static func octets(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : -1
    }

    @Test("killed in any sync: what was acknowledged is there, what was not is there whole or not at all")
    func killed() async throws {
        try await withFolder { folder in
            let faulty = FaultyLayer()
            let record = Record()
            mkdir(folder + "/live", 0o700)
            let test = try await TestStore(folder + "/live", layer: faulty.layer) {
                $0.segmentOctetsMax = 20_000
                $0.inlineOctetsMax = 5_000
            }
            faulty.state.withLock { state in
                state.beforeSync = { number in
                    // The writer stands still here: the folder is as a kill would leave it.
                    guard number % 5 == 0 else { return }
                    let path = folder + "/kill-\(number)"
                    let known = record.acknowledged.withLock { $0 }
                    let synced = faulty.state.withLock { $0.synced }
                    Folder.copy(folder + "/live", to: path)
                    record.kills.withLock { $0.append(Record.Kill(path: path, acknowledged: known, synced: synced)) }
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<4 {
                    group.addTask {
                        for index in 0..<25 {
                            let name = "\(task)-\(index)"
                            let body = String(repeating: "x", count: index % 9 == 8 ? 8_000 : 700)
                            let staged = try await test.store.stage(message(name, body: body))
                            try await test.store.deliver(staged, to: [LocalCopy(account: TestStore.ann)])
                            record.acknowledged.withLock { $0.append(name) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            await test.close()
            let all = record.kills.withLock { $0 }
            #expect(all.count >= 3)
            for (index, snapshot) in all.enumerated() {
                // Every other time the power went, too: what was not synced is gone.
                if index % 2 == 0 { Self.dropUnsynced(folder + "/live", snapshot.path, snapshot.synced) }
                let test = try await TestStore(snapshot.path)
                let inbox = try await test.inbox()
                var found: [String] = []
                for detail in try await test.store.details(
                    of: inbox.id, account: TestStore.ann, uids: 1...1_000, limit: 1_000, want: [.headerFields])
                {
                    let lines = String(buffer: try #require(detail.headerFields))
                    let subject = lines.split(separator: "\r\n").first { $0.hasPrefix("Subject: ") }
                    found.append(String(try #require(subject).dropFirst(9)))
                }
                #expect(Set(snapshot.acknowledged).isSubset(of: found), "\(snapshot.path)")
                #expect(Set(found).count == found.count)
                #expect(try await test.store.check() == [], "\(snapshot.path)")
                #expect(Folder.names(snapshot.path + "/incoming").isEmpty)
                try await test.deliver("after")
                #expect(try await test.store.check().isEmpty)
                await test.close()
            }
        }
    }

    private final class Record: Sendable {
        struct Kill: Sendable {
            var path: String
            var acknowledged: [String]
            var synced: [UInt: Int]
        }

        let acknowledged = Mutex<[String]>([])
        let kills = Mutex<[Kill]>([])
    }

    /// Cuts the copied segments to what was synced of the live ones.
    private static func dropUnsynced(_ live: String, _ copy: String, _ synced: [UInt: Int]) {
        for folder in Folder.names(copy + "/segments") {
            for name in Folder.names(copy + "/segments/" + folder) {
                var status = stat()
                guard stat(live + "/segments/" + folder + "/" + name, &status) == 0 else { continue }
                truncate(copy + "/segments/" + folder + "/" + name, off_t(synced[UInt(status.st_ino)] ?? 0))
            }
        }
    }

    @Test("a segment file that the index reserved but does not know moves to lost/")
    func unknownFile() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            try await test.deliver("one")
            await test.close()
            Folder.copy(folder + "/segments/01/1-1.seg", to: folder + "/segments/01/1-30.seg")
            test = try await TestStore(folder)
            #expect(Folder.names(folder + "/lost") == ["1-30.seg"])
            #expect(Folder.names(folder + "/segments/01") == ["1-1.seg"])
            try await test.deliver("two")
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("an older index put back is refused, unless it is accepted; then nothing is given twice")
    func olderIndex() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            try await test.deliver("one")
            try await test.database.copy(to: folder + "/older.db")
            for index in 0..<70 {
                try await test.store.sealOpenSegment()
                try await test.deliver("later \(index)")
            }
            await test.close()
            unlink(folder + "/mail.db-wal")
            unlink(folder + "/mail.db-shm")
            Folder.copy(folder + "/older.db", to: folder + "/mail.db")
            await #expect(throws: StoreError.self) { try await TestStore(folder) }
            test = try await TestStore(folder) { $0.acceptOlderIndex = true }
            #expect(Folder.names(folder + "/lost").count == 70)
            #expect(try await test.inbox().messages == 1)
            try await test.deliver("new")
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("a full disk fails the request and nothing else: the torn tail is written over, and the store goes on")
    func fullDisk() async throws {
        try await withFolder { folder in
            let faulty = FaultyLayer()
            var test = try await TestStore(folder, layer: faulty.layer)
            try await test.deliver("one")
            faulty.state.withLock { $0.spaceLeft = 200 }
            await #expect(throws: StoreError.diskFull) { try await test.deliver("two") }
            await #expect(throws: StoreError.diskFull) { try await test.deliver("three") }
            let spool = try test.store.makeSpool()
            await #expect(throws: StoreError.diskFull) { try await spool.append(message("spool")) }
            faulty.state.withLock { $0.spaceLeft = .max }
            try await test.deliver("four")
            await test.close()
            test = try await TestStore(folder)
            let inbox = try await test.inbox()
            #expect(try await test.text(inbox.id, 2) == String(buffer: message("four")))
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("a failing sync poisons: no acknowledgement until the store is started again, reading goes on")
    func failingSync() async throws {
        try await withFolder { folder in
            let faulty = FaultyLayer()
            var test = try await TestStore(folder, layer: faulty.layer)
            try await test.deliver("one")
            faulty.state.withLock { $0.failsSync = true }
            await #expect(throws: StoreError.self) { try await test.deliver("two") }
            faulty.state.withLock { $0.failsSync = false }
            await #expect(throws: StoreError.self) { try await test.deliver("three") }
            #expect(try await test.text(try await test.inbox().id, 1) == String(buffer: message("one")))
            await test.close()
            test = try await TestStore(folder)
            #expect(try await test.inbox().messages == 1)
            try await test.deliver("four")
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("check finds a damaged body, a missing row and a wrong counter")
    func findings() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.deliver("one")
            try await test.deliver("two")
            let path = try #require(try await test.store.segmentFiles().first?.path)
            let descriptor = open(path, O_WRONLY)
            pwrite(descriptor, "x", 1, 100)
            close(descriptor)
            try await test.database.write { transaction in
                try transaction.execute("UPDATE mailbox SET unseen_count = 7 WHERE name = 'INBOX' AND account_id = 1")
                try transaction.execute(
                    "DELETE FROM message WHERE account_id = 1 AND message_id = (SELECT max(message_id) FROM message)")
            }
            let findings = try await test.store.check()
            #expect(findings.contains { $0.contains("digest") })
            #expect(findings.contains { $0.contains("counters differ from its messages") })
            #expect(findings.contains { $0.contains("has no message") })
            await test.close()
        }
    }

    @Test("a raised generation: fresh UIDVALIDITYs, UIDLs as they were, numbers never given before, the queue held")
    func generation() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            let staged = try await test.store.stage(message("one"))
            let address = EmailAddress(localPart: "a", domain: "remote.test")
            let before = try await test.store.deliver(
                staged, to: [LocalCopy(account: TestStore.ann)],
                queue: [QueueEntry(reversePath: .null, recipients: [address])])
            let old = try await test.inbox()
            let now = Int64(time(nil))
            #expect(try MessageStore.raiseGeneration(in: test.database, now: now) == 2)
            await test.close()
            test = try await TestStore(folder)
            let inbox = try await test.inbox()
            #expect(inbox.uidValidity.rawValue > old.uidValidity.rawValue && Int64(inbox.uidValidity.rawValue) >= now)
            #expect(try await test.store.pop3UIDLs(of: inbox.id) == [UID(1): "\(old.uidValidity.rawValue).1"])
            #expect(try await test.store.queueCounts().held == 1)
            let after = try await test.deliver("two")
            #expect(after.copies[0].messageID >> 40 == 2 && before.copies[0].messageID >> 40 == 1)
            #expect(try await test.store.segmentFiles().map(\.name) == ["segments/01/1-1.seg", "segments/01/2-1.seg"])
            #expect(try await test.store.createMailbox(account: TestStore.ann, name: "new").rawValue >> 40 == 2)
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }
}
