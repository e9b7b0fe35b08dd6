internal import CSQLite

/// What can go wrong with a database file.
public enum DatabaseError: Error, Equatable, Sendable {
    /// More work waits than may; nothing was done. Also when another process holds the file.
    case busy
    /// The file was written by a newer program: `found` is its version of that chapter, `known` is ours.
    case newerVersion(chapter: String, found: Int, known: Int)
    /// The file must be converted first.
    case olderVersion(chapter: String, found: Int, known: Int)
    /// The file is a database of some other program.
    case notOurs(path: String)
    /// A row that must be unique, or that must exist, is not so.
    case constraint(detail: String)
    /// No space. What was asked for was not done; the database goes on.
    case diskFull(operation: String)
    /// The file or the disk failed, or our own SQL is wrong.
    case storage(operation: String, detail: String)
    /// `close()` was called.
    case closed

    /// For the log; never for the wire.
    public var diagnostic: String {
        switch self {
        case .busy: "the database is busy"
        case .newerVersion(let chapter, let found, let known):
            "the database is of a newer program: chapter \(chapter) has version \(found), known is \(known)"
        case .olderVersion(let chapter, let found, let known):
            "the database must be converted: chapter \(chapter) has version \(found), wanted is \(known)"
        case .notOurs(let path): "\(path) is a database of another program"
        case .constraint(let detail): "constraint: \(detail)"
        case .diskFull(let operation): "\(operation): no space left on the disk"
        case .storage(let operation, let detail): "\(operation): \(detail)"
        case .closed: "the database is closed"
        }
    }

    static func of(_ code: Int32, _ handle: OpaquePointer?, _ operation: String) -> DatabaseError {
        let detail = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        // The log's index, which the connections share, is a file, too, and grows with the log. Nothing is in doubt: what
        // stands in the log is not in its index, and the next transaction overwrites it.
        if code == csqlite_no_space_to_share { return .diskFull(operation: operation) }
        switch code & 0xff {
        case SQLITE_CONSTRAINT: return .constraint(detail: detail)
        case SQLITE_FULL: return .diskFull(operation: operation)
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        default: return .storage(operation: operation, detail: "\(detail) (\(code))")
        }
    }
}
