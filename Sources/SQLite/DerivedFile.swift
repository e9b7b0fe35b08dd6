internal import Glibc

/// A database file of what can be made again from elsewhere: an index, a cache.
///
/// One connection without threads of its own. Several may be open on one file, one of which writes; each reads the last
/// commit. Nothing is synced when it is committed (`synchronous = NORMAL`): after a power failure the file is whole but may
/// lack the last commits. No other code of the process may open the file (see `RawFile`).
///
/// `@unchecked Sendable`: whoever took it out of where it is kept is its only user.
public final class DerivedFile: @unchecked Sendable {
    private let connection: Connection
    private var isClosed = false

    /// - Parameters:
    ///   - chapter: all tables of the file. A writer makes them in a file that is new.
    ///   - isReader: never makes the file, and cannot write.
    ///   - cacheOctets: of pages that it may keep in memory.
    /// - Throws: `newerVersion` and `olderVersion` when the file is of another program's version, `notOurs`; `storage` when
    ///   it is missing, damaged or cannot be read.
    public init(
        path: String, chapter: SchemaChapter, applicationID: Int32, isReader: Bool, cacheOctets: Int = 2 << 20
    ) throws(DatabaseError) {
        let options = Database.Options(path: path, chapters: [chapter])
        connection = try Connection(options, isReader: isReader, cacheOctets: cacheOctets, isDerived: true)
        do {
            if isReader {
                try chapter.verify(applicationID: applicationID, path: path, connection)
            } else {
                try SchemaChapter.prepare(
                    [chapter], applicationID: applicationID, path: path, converts: false, connection)
            }
        } catch {
            connection.close()
            throw error as? DatabaseError ?? .storage(operation: "open \(path)", detail: "\(error)")
        }
    }

    deinit { close() }

    /// Reads in one snapshot. Blocks.
    public func read<Outcome>(_ body: (ReadConnection) throws -> Outcome) throws -> Outcome {
        try connection.execute("BEGIN")
        defer { try? connection.execute("ROLLBACK") }
        return try body(ReadConnection(connection))
    }

    /// Writes in one transaction, undone whole when `body` throws. Blocks.
    ///
    /// - Throws: `diskFull` with the file as it was; what `body` throws.
    public func write<Outcome>(_ body: (WriteTransaction) throws -> Outcome) throws -> Outcome {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            let outcome = try body(WriteTransaction(connection))
            try connection.execute("COMMIT")
            return outcome
        } catch {
            // A full disk or a failing one may have ended it already.
            if connection.isInTransaction { try? connection.execute("ROLLBACK") }
            throw error
        }
    }

    /// The last one to be closed moves what is in the WAL into the file and removes the WAL.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        connection.close()
    }

    /// Removes a file and its WAL. Nothing may have it open.
    public static func remove(_ path: String) {
        // The file first: its WAL beside no file is passed over, and the file without its WAL might be half written.
        for name in [path, path + "-wal", path + "-shm"] { unlink(name) }
    }
}
