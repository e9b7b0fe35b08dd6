import CSQLite
import Glibc
import SQLite
import Synchronization
import Testing

private let chapter = SchemaChapter(
    name: "test", version: 2,
    create: [
        "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, octets BLOB)",
        "CREATE TABLE total (count INTEGER NOT NULL)", "INSERT INTO total VALUES (0)",
    ])

private func open(_ folder: TemporaryFolder, change: (inout Database.Options) -> Void = { _ in }) throws -> Database {
    var options = Database.Options(path: folder.path + "/mail.db", chapters: [chapter])
    options.readers = 2
    change(&options)
    return try Database(options: options)
}

private func add(_ name: String, to database: Database) async throws {
    try await database.write { transaction in
        try transaction.execute("INSERT INTO item (name) VALUES (?)", .text(name))
        try transaction.execute("UPDATE total SET count = count + 1")
    }
}

private func count(_ database: Database) async throws -> Int64 {
    try await database.read { try $0.integer("SELECT count(*) FROM item") ?? -1 }
}

@Suite("Database")
struct DatabaseTests {
    @Test("values come back as they were, the empty text and blob included")
    func values() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder)
        try await database.write { transaction in
            try transaction.execute(
                "INSERT INTO item VALUES (?, ?, ?), (2, ?, NULL)", .integer(Int64.max), "", .blob([]), "a\u{0}é")
        }
        let rows = try await database.read { connection in
            try connection.all("SELECT id, name, octets FROM item ORDER BY id") { row in
                "\(row.integer(0)) \(row.text(1).utf8.count) \(row.isNull(2)) \(row.octets(2))"
            }
        }
        #expect(rows == ["2 4 true []", "\(Int64.max) 0 false []"])
        await database.close()
    }

    @Test("a request that throws is undone whole, its neighbours in the group are not")
    func savepoints() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<60 {
                group.addTask {
                    do {
                        try await database.write { transaction in
                            try transaction.execute("UPDATE total SET count = count + 1")
                            // Every third name is taken already.
                            let name = index % 3 == 0 ? "same" : "name \(index)"
                            try transaction.execute("INSERT INTO item (name) VALUES (?)", .text(name))
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 41)
        #expect(try await count(database) == 41)
        #expect(try await database.read { try $0.integer("SELECT count FROM total") } == 41)
        await database.close()
    }

    @Test("what waits together is committed together: fewer commits than requests, one flush before each")
    func groups() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder)
        let participant = Recorder()
        database.register(participant)
        // The writer is held until all others wait.
        let gate = Gate()
        let (started, start) = AsyncStream<Void>.makeStream()
        async let first: Void = database.write(prepare: {
            start.yield()
            gate.wait()
        }) { _ in }
        for await _ in started { break }
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<100 {
                group.addTask {
                    try? await database.write(prepare: { participant.prepared(index) }) { transaction in
                        participant.performed(index)
                        try transaction.execute("INSERT INTO item (name) VALUES (?)", .text("\(index)"))
                        transaction.afterCommit { participant.afterCommit(index) }
                    }
                }
            }
            group.addTask {
                while database.waitingRequests < 100 { await Task.yield() }
                gate.signal()
            }
        }
        _ = try await first
        #expect(try await count(database) == 100)
        let events = participant.events
        #expect(events.filter { $0 == "flush" }.count == 2)
        #expect(events.filter { $0 == "committed" }.count == 2)
        // prepare … flush, record, requests, committed, after commit.
        let second = Array(events.drop { $0 != "committed" }.dropFirst())
        let flush = try #require(second.firstIndex(of: "flush"))
        #expect(second[..<flush].allSatisfy { $0.hasPrefix("prepare") } && flush == 100)
        #expect(second[flush + 1] == "record")
        #expect(second[(flush + 2)..<(flush + 102)].allSatisfy { $0.hasPrefix("perform") })
        #expect(second[flush + 102] == "committed")
        #expect(second[(flush + 103)...].allSatisfy { $0.hasPrefix("after") })
        await database.close()
    }

    @Test("a failing flush poisons: nothing is acknowledged afterwards, reading goes on")
    func poison() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder)
        let participant = Recorder()
        database.register(participant)
        try await add("before", to: database)
        participant.failsFlush.store(true, ordering: .sequentiallyConsistent)
        await #expect(throws: DatabaseError.self) { try await add("during", to: database) }
        participant.failsFlush.store(false, ordering: .sequentiallyConsistent)
        await #expect(throws: DatabaseError.self) { try await add("after", to: database) }
        #expect(try await count(database) == 1)
        await database.close()
        let again = try open(folder)
        #expect(try await count(again) == 1)
        await again.close()
    }

    @Test("a failing prepare fails its request alone")
    func failingPrepare() async throws {
        struct Refused: Error {}
        let folder = TemporaryFolder()
        let database = try open(folder)
        await #expect(throws: Refused.self) {
            try await database.write(prepare: { throw Refused() }) { transaction in
                _ = try transaction.execute("INSERT INTO item (name) VALUES ('never')")
            }
        }
        try await add("next", to: database)
        #expect(try await count(database) == 1)
        await database.close()
    }

    @Test("more requests than may wait get busy at once")
    func busy() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder) { $0.queueRequestsMax = 4 }
        let gate = Gate()
        let (started, start) = AsyncStream<Void>.makeStream()
        async let first: Void = database.write(prepare: {
            start.yield()
            gate.wait()
        }) { _ in }
        // Not a blocking wait: that would take a thread from the very task that is to start.
        for await _ in started { break }
        let refused = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<10 {
                group.addTask {
                    do {
                        try await add("\(index)", to: database)
                        return false
                    } catch {
                        gate.signal()  // Only the first signal matters.
                        return error as? DatabaseError == .busy
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        _ = try await first
        #expect(refused >= 1)
        #expect(try await count(database) == Int64(10 - refused))
        await database.close()
    }

    @Test("a reader sees one snapshot, whatever is committed beside it")
    func snapshot() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder)
        try await add("one", to: database)
        let (reading, begin) = AsyncStream<Void>.makeStream()
        let written = Gate()
        async let counts = database.read { connection in
            let before = try connection.integer("SELECT count(*) FROM item") ?? -1
            begin.yield()
            written.wait()
            return [before, try connection.integer("SELECT count(*) FROM item") ?? -1]
        }
        for await _ in reading { break }
        try await add("two", to: database)  // The writer does not wait for the reader.
        written.signal()
        #expect(try await counts == [1, 1])
        #expect(try await count(database) == 2)
        await database.close()
    }

    @Test("readers cannot write")
    func readersCannotWrite() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder)
        await #expect(throws: DatabaseError.self) {
            try await database.read { connection in
                try connection.query("INSERT INTO item (name) VALUES ('x') RETURNING id") { _ in }
            }
        }
        #expect(try await count(database) == 0)
        await database.close()
    }

    @Test("a file of a newer program, and one of another program, is refused")
    func versions() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder)
        try await database.write { _ = try $0.execute("UPDATE schema_version SET version = 3 WHERE chapter = 'test'") }
        await database.close()
        #expect(throws: DatabaseError.newerVersion(chapter: "test", found: 3, known: 2)) { try open(folder) }
        var handle: OpaquePointer?
        let other = folder.path + "/other.db"
        sqlite3_open(other, &handle)
        sqlite3_exec(handle, "CREATE TABLE theirs (x); PRAGMA application_id = 7", nil, nil, nil)
        sqlite3_close(handle)
        #expect(throws: DatabaseError.notOurs(path: other)) {
            try Database(options: .init(path: other, chapters: [chapter]))
        }
    }

    @Test("a copy taken while others write is one consistent state, whole to the last page")
    func copy() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder) { $0.checkpointOctets = 64 << 10 }
        let stop = Flag()
        let path = folder.path + "/copy.db"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    var index = 0
                    while !stop.isSet.load(ordering: .relaxed) || index < 50 {
                        try await add("\(writer) \(index)", to: database)
                        index += 1
                    }
                }
            }
            group.addTask {
                while try await count(database) < 200 {}
                try await database.copy(to: path)
                stop.isSet.store(true, ordering: .relaxed)
            }
            try await group.waitForAll()
        }
        #expect(try await database.integrityCheck().isEmpty)
        let all = try await count(database)
        await database.close()
        let copied = try Database(options: .init(path: path, chapters: [chapter]))
        #expect(try await copied.integrityCheck().isEmpty)
        let inCopy = try await count(copied)
        #expect(inCopy >= 200 && inCopy <= all)
        #expect(try await copied.read { try $0.integer("SELECT count FROM total") } == inCopy)
        await copied.close()
    }

    @Test("what was written is there after close and opening again, WAL and all; checkpoints lose nothing")
    func reopens() async throws {
        let folder = TemporaryFolder()
        for round in 0..<3 {
            let database = try open(folder) { $0.checkpointOctets = 32 << 10 }
            for index in 0..<40 { try await add("\(round) \(index)", to: database) }
            await database.close()
        }
        let database = try open(folder)
        #expect(try await count(database) == 120)
        try await database.checkpoint()
        #expect(try await count(database) == 120)
        await database.close()
        await #expect(throws: DatabaseError.closed) { try await add("late", to: database) }
    }

    @Test("the same statement inside its own rows is another statement")
    func nestedStatement() async throws {
        let folder = TemporaryFolder()
        let database = try open(folder)
        for name in ["a", "b", "c"] { try await add(name, to: database) }
        let pairs = try await database.read { connection in
            var pairs: [String] = []
            func each(_ depth: Int, _ prefix: String) throws {
                guard depth > 0 else { return pairs.append(prefix) }
                try connection.query("SELECT name FROM item ORDER BY name") { try each(depth - 1, prefix + $0.text(0)) }
            }
            try each(2, "")
            return pairs
        }
        #expect(pairs == ["aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc"])
        await database.close()
    }
}

/// Writes down the order of the writer's calls.
private final class Recorder: GroupParticipant {
    private let log = Mutex<[String]>([])
    let failsFlush = Atomic<Bool>(false)

    var events: [String] { log.withLock { $0 } }

    func prepared(_ index: Int) { log.withLock { $0.append("prepare \(index)") } }
    func performed(_ index: Int) { log.withLock { $0.append("perform \(index)") } }
    func afterCommit(_ index: Int) { log.withLock { $0.append("after \(index)") } }

    func flush() throws {
        if failsFlush.load(ordering: .sequentiallyConsistent) { throw DatabaseError.diskFull(operation: "test") }
        log.withLock { $0.append("flush") }
    }

    func record(in transaction: WriteTransaction) throws { log.withLock { $0.append("record") } }

    func committed() { log.withLock { $0.append("committed") } }
}

private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
}

/// `@unchecked Sendable`: the system's semaphore guards itself.
private final class Gate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    func signal() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 && errno == EINTR {} }
}
