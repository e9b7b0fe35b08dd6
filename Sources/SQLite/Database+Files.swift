internal import CSQLite
internal import Glibc

/// For tools, on a file that no process has open. All block.
extension Database {
    /// The versions of the chapters in a file, by their names.
    ///
    /// - Throws: `notOurs` for a database of another program.
    public static func chapterVersions(ofFile path: String, applicationID: Int32) throws(DatabaseError) -> [String: Int]
    {
        let connection = try Connection(Options(path: path, chapters: []), isReader: false, cacheOctets: 1 << 20)
        defer { connection.close() }
        do {
            let found = try connection.first("PRAGMA application_id", []) { $0.integer(0) } ?? 0
            guard found == Int64(applicationID) else { throw DatabaseError.notOurs(path: path) }
            var versions: [String: Int] = [:]
            try connection.run("SELECT chapter, version FROM schema_version", []) { row in
                versions[row.text(0)] = Int(row.integer(1))
            }
            return versions
        } catch {
            throw error as? DatabaseError ?? .storage(operation: "read \(path)", detail: "\(error)")
        }
    }

    /// Moves all of the WAL into the file, syncs it, and removes the files beside it: then the file alone is the database.
    public static func settle(_ path: String) throws(DatabaseError) {
        let connection = try Connection(Options(path: path, chapters: []), isReader: false, cacheOctets: 1 << 20)
        let code = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        let problem = code == SQLITE_OK ? nil : DatabaseError.of(code, connection.handle, "settle \(path)")
        connection.close()
        if let problem { throw problem }
        for suffix in ["-wal", "-shm"] { unlink(path + suffix) }
    }
}
