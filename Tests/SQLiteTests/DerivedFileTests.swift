import Glibc
import SQLite
import Testing

private let chapter = SchemaChapter(
    name: "derived", version: 1, create: ["CREATE TABLE item (id INTEGER PRIMARY KEY, octets BLOB)"])

private func open(_ folder: TemporaryFolder, _ chapter: SchemaChapter = chapter, isReader: Bool) throws -> DerivedFile {
    try DerivedFile(path: folder.path + "/derived.db", chapter: chapter, applicationID: 7, isReader: isReader)
}

@Suite("Files of derived data")
struct DerivedFileTests {
    @Test("a writer makes the file; readers beside it see what is committed; the last to close takes the WAL away")
    func readersBesideAWriter() throws {
        let folder = TemporaryFolder()
        #expect(throws: DatabaseError.self) { try open(folder, isReader: true) }
        #expect(access(folder.path + "/derived.db", F_OK) != 0, "a reader makes none")
        let writer = try open(folder, isReader: false)
        try writer.write { _ = try $0.execute("INSERT INTO item VALUES (1, ?)", .blob([1, 2])) }
        let reader = try open(folder, isReader: true)
        try writer.write { transaction in
            try transaction.execute("INSERT INTO item VALUES (2, NULL)")
            #expect(try reader.read { try $0.integer("SELECT count(*) FROM item") } == 1)
        }
        #expect(try reader.read { try $0.integer("SELECT count(*) FROM item") } == 2)
        #expect(throws: DatabaseError.self) { try reader.write { _ = try $0.execute("DELETE FROM item") } }
        writer.close()
        #expect(access(folder.path + "/derived.db-wal", F_OK) == 0)
        reader.close()
        reader.close()
        #expect(access(folder.path + "/derived.db-wal", F_OK) != 0)
    }

    @Test("a transaction that throws is undone whole, and the next one goes on")
    func undone() throws {
        struct Stop: Error {}
        let folder = TemporaryFolder()
        let file = try open(folder, isReader: false)
        defer { file.close() }
        #expect(throws: Stop.self) {
            try file.write { transaction in
                try transaction.execute("INSERT INTO item VALUES (1, NULL)")
                throw Stop()
            }
        }
        try file.write { _ = try $0.execute("INSERT INTO item VALUES (2, NULL)") }
        #expect(try file.read { try $0.all("SELECT id FROM item") { $0.integer(0) } } == [2])
    }

    @Test("a file of another version or another program is refused, by writers and readers")
    func refused() throws {
        let folder = TemporaryFolder()
        try open(folder, isReader: false).close()
        let newer = SchemaChapter(name: "derived", version: 2, create: [])
        let other = SchemaChapter(name: "other", version: 1, create: [])
        for isReader in [true, false] {
            #expect(throws: DatabaseError.olderVersion(chapter: "derived", found: 1, known: 2)) {
                try open(folder, newer, isReader: isReader)
            }
            #expect(throws: DatabaseError.notOurs(path: folder.path + "/derived.db")) {
                try DerivedFile(
                    path: folder.path + "/derived.db", chapter: chapter, applicationID: 8, isReader: isReader)
            }
        }
        #expect(throws: DatabaseError.olderVersion(chapter: "other", found: 0, known: 1)) {
            try open(folder, other, isReader: true)
        }
    }

    @Test("removed with what is beside it, and made anew while an old reader still has it")
    func removed() throws {
        let folder = TemporaryFolder()
        let old = try open(folder, isReader: false)
        try old.write { _ = try $0.execute("INSERT INTO item VALUES (1, NULL)") }
        DerivedFile.remove(folder.path + "/derived.db")
        let new = try open(folder, isReader: false)
        try new.write { _ = try $0.execute("INSERT INTO item VALUES (2, NULL)") }
        #expect(try old.read { try $0.all("SELECT id FROM item") { $0.integer(0) } } == [1])
        old.close()
        #expect(try new.read { try $0.all("SELECT id FROM item") { $0.integer(0) } } == [2])
        new.close()
        let again = try open(folder, isReader: true)
        #expect(try again.read { try $0.all("SELECT id FROM item") { $0.integer(0) } } == [2])
        again.close()
    }
}
