internal import Glibc
internal import SQLite

/// One account's search file, open. Used by one thread at a time. Everything blocks.
///
/// Throws what SQLite throws, and `IndexDamage` when the file does not hold what it must.
final class IndexFile: Sendable {
    struct Progress: Equatable {
        /// All messages up to this id are in it, but for those that were in no mailbox when their turn came.
        var indexedThrough: Int64
        var documents: Int
        var identity: String
    }

    private let file: DerivedFile
    private let path: String
    /// Device and inode.
    private let place: [UInt64]

    /// Opens the file for reading, or for writing: then it is made when it is missing.
    ///
    /// - Parameter identity: whose mail it must be of; a file of another's is `IndexDamage`.
    init(path: String, isReader: Bool, identity: String) throws {
        self.path = path
        file = try DerivedFile(
            path: path, chapter: IndexSchema.chapter, applicationID: IndexSchema.applicationID, isReader: isReader)
        place = Self.place(path)
        var progress = try self.progress()
        if progress == nil, !isReader {
            try file.write { _ = try $0.execute("INSERT INTO progress VALUES (0, 0, ?)", .text(identity)) }
            progress = try self.progress()
        }
        guard progress?.identity == identity else { throw IndexDamage("it is of other mail") }
    }

    func close() { file.close() }

    /// False when another file has its name now, or none.
    var isInPlace: Bool { place == Self.place(path) }

    private static func place(_ path: String) -> [UInt64] {
        var status = stat()
        return stat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : []
    }

    func progress() throws -> Progress? { try file.read { try Self.progress($0) } }

    private static func progress(_ connection: ReadConnection) throws -> Progress? {
        try connection.first("SELECT indexed_through, documents, identity FROM progress") {
            Progress(indexedThrough: $0.integer(0), documents: Int(clamping: $0.integer(1)), identity: $0.text(2))
        }
    }

    /// Adds a batch whose first document is the one behind the last, in one transaction.
    ///
    /// - Parameter through: what `indexedThrough` is afterwards.
    func add(_ batch: IndexBatch, through: Int64) throws {
        try file.write { transaction in
            guard let progress = try Self.progress(transaction), progress.documents == batch.firstDocument else {
                throw IndexDamage("it is not where it was left")
            }
            try transaction.execute(
                "UPDATE progress SET indexed_through = ?, documents = ?", .integer(through),
                .integer(progress.documents + batch.messages.count))
            for position in batch.partial {
                try transaction.execute(
                    "INSERT INTO partial_document VALUES (?)", .integer(progress.documents + position))
            }
            try Self.addRuns(batch.messages, transaction)
            guard !batch.table.isEmpty else { return }
            var writer = SegmentWriter(try SegmentLevels.nextSegment(transaction), transaction)
            try batch.table.forEachSorted { try writer.add($0, $1) }
            try writer.finish(level: 0)
            try SegmentLevels.merge(transaction)
        }
    }

    private static func addRuns(_ messages: [Int64], _ transaction: WriteTransaction) throws {
        var last = try transaction.first(
            "SELECT first_message_id, document_count FROM document_run ORDER BY first_message_id DESC LIMIT 1"
        ) { (first: $0.integer(0), count: $0.integer(1)) }
        func store() throws {
            guard let last else { return }
            try transaction.execute(
                "INSERT OR REPLACE INTO document_run VALUES (?, ?)", .integer(last.first), .integer(last.count))
        }
        for message in messages {
            if let open = last, open.first + open.count == message {
                last = (open.first, open.count + 1)
            } else {
                try store()
                last = (message, 1)
            }
        }
        try store()
    }

    /// Asks for the documents that hold, or may hold, a needle.
    func answer(_ question: IndexQuestion, in scope: SearchScope) throws -> IndexAnswer {
        try file.read { connection in
            let coverage = try Self.coverage(connection)
            var scans = question.parts.map { TermScan($0, documentCount: coverage.documents.count) }
            var lists = RowListReader(connection, documentCount: coverage.documents.count)
            let segments = try Self.segments(connection)
            var hits: Bits?
            for index in scans.indices where hits.map({ scans[index].isWorthwhile(amongDocuments: $0.count) }) ?? true {
                for segment in segments {
                    try scans[index].scan(
                        segment.id, blockCount: segment.blocks, &lists, connection, isEnough: scope.isFull)
                }
                hits = scope.documents(Array(scans[...index]))
            }
            return IndexAnswer(
                coverage: coverage, hits: hits ?? Bits(limit: coverage.documents.count), isProof: question.isProof)
        }
    }

    private static func segments(_ connection: ReadConnection) throws -> [(id: Int64, blocks: Int)] {
        try connection.all("SELECT segment_id, block_count FROM segment ORDER BY segment_id") {
            (id: $0.integer(0), blocks: Int(clamping: $0.integer(1)))
        }
    }

    /// Reads all of it, for what a search might come upon.
    func verify() throws {
        try file.read { connection in
            try connection.query("PRAGMA quick_check(1)") { row in
                if row.text(0) != "ok" { throw IndexDamage(row.text(0)) }
            }
            let documents = try Self.coverage(connection).documents.count
            for segment in try Self.segments(connection) {
                try SegmentCursor.verify(segment.id, blocks: segment.blocks, connection, documentCount: documents)
            }
        }
    }

    private static func coverage(_ connection: ReadConnection) throws -> IndexCoverage {
        var runs = DocumentRuns()
        try connection.query("SELECT first_message_id, document_count FROM document_run ORDER BY first_message_id") {
            runs.append($0.integer(0), count: Int(clamping: $0.integer(1)))
        }
        var partial: Set<Int> = []
        try connection.query("SELECT document FROM partial_document") { partial.insert(Int(clamping: $0.integer(0))) }
        guard let progress = try progress(connection), progress.documents == runs.count,
            runs.count <= IndexRow.documentsMax
        else { throw IndexDamage("the documents do not add up") }
        return IndexCoverage(documents: runs, partial: partial)
    }
}

extension SearchScope {
    private static let headers: UInt64 = 0x5555_5555_5555_5555

    /// Whether every document is found already, so that the rest need not be read.
    func isFull(_ rows: Bits) -> Bool {
        rows.words.reduce(0) { $0 + documents(of: $1).nonzeroBitCount } == rows.limit / 2
    }

    /// The documents that have all parts in one of the wanted rows.
    func documents(_ scans: [TermScan]) -> Bits {
        guard var rows = scans.first?.rows else { return Bits(limit: 0) }
        for scan in scans.dropFirst() { rows.formIntersection(scan.rows) }
        var found = Bits(limit: rows.limit / 2)
        for (index, word) in rows.words.enumerated() {
            var wanted = documents(of: word)
            while wanted != 0 {
                found.insert(index << 5 | wanted.trailingZeroBitCount >> 1)
                wanted &= wanted - 1
            }
        }
        return found
    }

    /// Every second bit, one a document. Its two rows stand side by side, its header's first.
    private func documents(of rows: UInt64) -> UInt64 {
        switch self {
        case .header: rows & Self.headers
        case .body: rows >> 1 & Self.headers
        case .text: (rows | rows >> 1) & Self.headers
        }
    }
}
