import Execution
import Glibc
import MIME
import NIOCore
import SQLite

@testable import SpamScoring

/// A classifier on a database of its own in a temporary folder.
struct Fixture {
    let folder: String
    let database: Database
    let pool: BlockingPool
    let classifier: Classifier

    static func with(_ body: (Fixture) async throws -> Void) async throws {
        var template = Array("/tmp/spam-XXXXXX".utf8CString)
        let folder = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
        let fixture = try Fixture(folder: folder)
        try await body(fixture)
        await fixture.close()
        for name in ["spam.db", "spam.db-wal", "spam.db-shm"] { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    init(folder: String) throws {
        self.folder = folder
        database = try Database(options: Classifier.databaseOptions(path: folder + "/spam.db"))
        pool = BlockingPool(name: "tokens", threads: 1, queueMax: 1_000)
        classifier = try Classifier(database: database, pool: pool)
    }

    func close() async {
        await database.close()
        pool.stop()
    }

    /// Sorted by hash.
    func tokenRows(account: Int64 = 0) async throws -> [[Int64]] {
        try await database.read { connection in
            try connection.all(
                "SELECT hash64, ham, spam FROM token WHERE account = ? AND ham + spam > 0 ORDER BY hash64",
                .integer(account)
            ) { [$0.integer(0), $0.integer(1), $0.integer(2)] }
        }
    }
}

func message(_ text: String) -> Message { Message(parsing: ByteBuffer(string: text)) }

/// Messages of two kinds with words in common and words of their own, no two alike.
enum Samples {
    private static let spamWords = ["winner", "casino", "pills", "lottery", "prize", "cheap", "guaranteed", "bonus"]
    private static let hamWords = ["meeting", "compiler", "patch", "minutes", "invoice", "lunch", "review", "schedule"]

    static func spam(_ number: Int) -> ByteBuffer { sample(number, spamWords, from: "offers@bulk.example") }
    static func ham(_ number: Int) -> ByteBuffer { sample(number, hamWords, from: "ann@example.org") }

    private static func sample(_ number: Int, _ words: [String], from: String) -> ByteBuffer {
        let chosen = (0..<5).map { words[(number * 3 + $0 * $0 + number / 8) % words.count] }
        return ByteBuffer(
            string: """
                From: <\(from)>\r
                To: <bob@example.net>\r
                Subject: \(chosen[0]) \(chosen[1])\r
                Date: Mon, 23 Nov 2026 21:02:54 +0000\r
                Message-ID: <\(number).\(chosen[0])@example.com>\r
                \r
                Hello, this is about \(chosen.joined(separator: " and ")), number \(number).\r
                """)
    }
}
