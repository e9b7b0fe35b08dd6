import SQLite
import Testing

@testable import MessageStore

/// What a fault or an end leaves lying about must not stop the store later.
@Suite("Left over", .serialized)
struct LeftoverTests {
    @Test("segments that a start removed may be back after the power went: the next start is not put off by them")
    func retired() async throws {
        try await withFolder { folder in
            let count = 20
            let finish = Script.Step(name: "finish all") { scene in
                try await scene.store.finishQueue(
                    try await scene.store.listQueue().map(\.key), isSent: true, reply: "250 OK")
            }
            let script = Script(
                steps: Array(repeating: Script.queueAlone, count: count) + [finish, Script.startAgain, Script.deliver])
            let recording = try await Recording.make(script, seed: 1, in: folder + "/live")
            let judge = Judge(folder + "/dead")
            var random = SeededRandom(1)
            let points = recording.events.indices.filter { recording.events[$0].isTurningPoint }.map { $0 + 1 }
            await recording.replay(at: points.suffix(Effort.of(40, long: 400))) { point, disk, allowed in
                let found = await judge.findings(
                    disk.image(.none, &random), allowed: allowed, sent: recording.sent)
                #expect(found == [], "event \(point), after \(recording.story(before: point))")
                return found.isEmpty
            }
        }
    }

    @Test(
        "no space for the log's index, which grows with a long transaction: refused as a full disk, the store goes on")
    func logIndex() async throws {
        try await withFolder { folder in
            let disk = TestDisk(folder, .failing(nil))
            let scene = Scene(disk, seed: 1)
            try await scene.open()
            try await scene.deliver()
            let database = try scene.test().database
            for goesOn in [true, false] {
                disk.fail(.noSpace, ofIndex: [.share])
                // More than the 4,062 pages of the first piece of that index.
                await #expect(throws: DatabaseError.self) {
                    try await database.write { transaction in
                        let text = Value.text(String(repeating: "x", count: 1 << 20))
                        for row in 0..<17 {
                            try transaction.execute("INSERT INTO verdict VALUES (9, ?, ?)", .integer(row), text)
                        }
                    }
                }
                #expect(disk.hits.contains(.share))
                disk.lift()
                if goesOn { try await scene.deliver(large: true) }
            }
            await scene.close()
            try await scene.open()
            #expect(try await scene.test().inbox().messages == 2)
            // What failed may be there after a start, but whole.
            let rows = try await scene.test().database.read { try $0.integer("SELECT count(*) FROM verdict") }
            #expect([0, 17].contains(rows))
            #expect(try await scene.store.check() == [])
            await scene.close()
        }
    }

    @Test("a segment's folder that a killed process made, and had no time to sync, is synced before mail is in it")
    func folders() async throws {
        try await withFolder { folder in
            let new = try await Recording.make(Script(steps: []), seed: 1, in: folder + "/new")
            var disk = new.end.renumbered
            // Where the next start puts its first segment.
            for name in ["02", "41", "42", "43"] {
                disk.apply(.names([NameChange(path: "segments/\(name)", node: .folder)]), at: 0)
            }
            var random = SeededRandom(1)
            disk.image(.all, &random).write(to: folder + "/live")
            let recording = try await Recording.make(
                Script(steps: [Script.deliver, Script.deliverLarge]), seed: 1, on: disk, in: folder + "/live")
            let judge = Judge(folder + "/dead")
            await recording.replay(at: [recording.events.count]) { _, disk, allowed in
                let found = await judge.findings(
                    disk.image(.none, &random), allowed: allowed, sent: recording.sent)
                #expect(found == [])
                return true
            }
        }
    }

    @Test("a full disk that refuses a new segment a hundred times refuses no mail when there is room again")
    func numbers() async throws {
        try await withFolder { folder in
            let disk = TestDisk(folder, .failing(nil))
            let scene = Scene(disk, seed: 1)
            try await scene.open()
            try await scene.store.sealOpenSegment()
            disk.fail(.noSpace)
            for _ in 0..<100 {
                await #expect(throws: StoreError.diskFull) { try await scene.deliver() }
                await #expect(throws: StoreError.diskFull) { try await scene.deliver(large: true) }
            }
            disk.lift()
            try await scene.deliver()
            try await scene.deliver(large: true)
            #expect(try await scene.store.check() == [])
            await scene.close()
        }
    }

    @Test(
        "a large message whose rows found no space leaves no file behind once a later one is stored, and none is lost")
    func large() async throws {
        try await withFolder { folder in
            let disk = TestDisk(folder, .failing(nil))
            let scene = Scene(disk, seed: 1)
            try await scene.open()
            try await scene.deliver(large: true)
            for _ in 0..<20 {
                disk.fail(.noSpace, ofIndex: [.write])
                await #expect(throws: StoreError.diskFull) { try await scene.deliver(large: true) }
                disk.lift()
            }
            try await scene.deliver()
            let known = try await scene.store.segmentFiles().map(\.name).sorted()
            let found = Folder.names(folder + "/segments").flatMap { name in
                Folder.names(folder + "/segments/\(name)").map { "segments/\(name)/\($0)" }
            }
            #expect(found.sorted() == known)
            await scene.close()
            try await scene.open()
            #expect(try await scene.test().inbox().messages == 2)
            #expect(try await scene.store.check() == [])
            await scene.close()
        }
    }
}
