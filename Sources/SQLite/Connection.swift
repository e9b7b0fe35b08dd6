internal import CSQLite
internal import CWALBuffer
internal import Glibc

/// One connection of SQLite with its prepared statements. Used by one thread at a time.
///
/// `@unchecked Sendable`: the writer's thread, or whoever took it out of the readers' pool, is its only user.
final class Connection: @unchecked Sendable {
    private final class Prepared {
        let statement: OpaquePointer
        var isInUse = false

        init(_ statement: OpaquePointer) { self.statement = statement }
    }

    let handle: OpaquePointer
    private var prepared: [UnsafePointer<UInt8>: Prepared] = [:]

    /// - Parameters:
    ///   - cacheOctets: of pages that it may keep.
    ///   - isDerived: of a `DerivedFile`, which its writer makes when it is missing.
    init(
        _ options: Database.Options, isReader: Bool, cacheOctets: Int, isDerived: Bool = false
    ) throws(DatabaseError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
        let code =
            if let vfs = options.vfs {
                sqlite3_open_v2(options.path, &opened, flags, vfs)
            } else if isDerived {
                // Its transactions are large, and its checkpoints are SQLite's own.
                sqlite3_open_v2(options.path, &opened, isReader ? flags : flags | SQLITE_OPEN_CREATE, nil)
            } else {
                sqlite3_open_v2(options.path, &opened, flags, cwalbuffer_vfs())
            }
        guard code == SQLITE_OK, let opened else {
            let error = DatabaseError.of(code, opened, "open \(options.path)")
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
        sqlite3_extended_result_codes(opened, 1)
        if !isDerived { csqlite_no_checkpoint_on_close(opened) }
        csqlite_harden(opened)
        do {
            try script(isDerived ? Self.derivedPragmas : Self.pragmas)
            // FAST: Debian's library would overwrite all freed pages with zeros.
            try script(
                """
                PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
                PRAGMA mmap_size = 0; PRAGMA cache_size = -\(max(1_024, cacheOctets / 1_024));
                PRAGMA query_only = \(isReader ? "ON" : "OFF");
                """)
        } catch {
            sqlite3_close_v2(opened)
            throw error
        }
    }

    /// FULL is what makes an acknowledgement true.
    private static let pragmas = """
        PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 268435456;
        """

    /// NORMAL syncs at checkpoints alone. Large pages, since such files hold long values; 500 of them are 4 MiB of WAL.
    private static let derivedPragmas = """
        PRAGMA busy_timeout = 5000; PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        PRAGMA wal_autocheckpoint = 500; PRAGMA journal_size_limit = 4194304;
        """

    func close() {
        for entry in prepared.values { sqlite3_finalize(entry.statement) }
        prepared = [:]
        sqlite3_close_v2(handle)
    }

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Runs statements that take and give nothing.
    func script(_ sql: String) throws(DatabaseError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw .of(code, handle, String(sql.prefix(60))) }
    }

    func execute(_ sql: StaticString, _ values: [Value] = []) throws(DatabaseError) {
        let entry = try take(sql)
        defer { put(entry, sql) }
        try bind(values, entry.statement)
        while try step(entry.statement, sql) {}
    }

    func run(_ sql: StaticString, _ values: [Value], _ body: (Row) throws -> Void) throws {
        let entry = try take(sql)
        defer { put(entry, sql) }
        try bind(values, entry.statement)
        while try step(entry.statement, sql) { try body(Row(statement: entry.statement)) }
    }

    func first<Outcome>(_ sql: StaticString, _ values: [Value], _ map: (Row) throws -> Outcome) throws -> Outcome? {
        let entry = try take(sql)
        defer { put(entry, sql) }
        try bind(values, entry.statement)
        guard try step(entry.statement, sql) else { return nil }
        let outcome = try map(Row(statement: entry.statement))
        // UPDATE … RETURNING has done all its work before its first row; a SELECT is left where it stands.
        return outcome
    }

    /// The cached statement of that literal, or one of its own when the cached one is being stepped further out.
    private func take(_ sql: StaticString) throws(DatabaseError) -> Prepared {
        if let entry = prepared[sql.utf8Start], !entry.isInUse {
            entry.isInUse = true
            return entry
        }
        var statement: OpaquePointer?
        let text = UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self)
        let code = sqlite3_prepare_v3(
            handle, text, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw .of(code, handle, sql.description) }
        let entry = Prepared(statement)
        entry.isInUse = true
        if prepared[sql.utf8Start] == nil { prepared[sql.utf8Start] = entry }
        return entry
    }

    /// A statement left standing on a row would keep its read transaction open.
    private func put(_ entry: Prepared, _ sql: StaticString) {
        if prepared[sql.utf8Start] === entry {
            sqlite3_reset(entry.statement)
            entry.isInUse = false
        } else {
            sqlite3_finalize(entry.statement)
        }
    }

    private func bind(_ values: [Value], _ statement: OpaquePointer) throws(DatabaseError) {
        precondition(values.count == Int(sqlite3_bind_parameter_count(statement)), "values do not match the statement")
        for index in values.indices {
            let position = Int32(index) + 1
            let code =
                switch values[index] {
                case .null: sqlite3_bind_null(statement, position)
                case .integer(let value): sqlite3_bind_int64(statement, position, value)
                case .text(var text):
                    text.withUTF8 { octets in
                        octets.withMemoryRebound(to: CChar.self) {
                            csqlite_bind_text(
                                statement, position, $0.baseAddress ?? UnsafePointer(emptyText),
                                Int32(clamping: $0.count))
                        }
                    }
                case .blob(let octets):
                    octets.withUnsafeBytes {
                        csqlite_bind_blob(statement, position, $0.baseAddress, Int32(clamping: $0.count))
                    }
                }
            guard code == SQLITE_OK else { throw .of(code, handle, "bind") }
        }
    }

    private func step(_ statement: OpaquePointer, _ sql: StaticString) throws(DatabaseError) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw .of(code, handle, String(sql.description.prefix(60)))
        }
    }
}

/// A NULL pointer would bind NULL in place of the empty text. Never written to.
nonisolated(unsafe) private let emptyText: UnsafeMutablePointer<CChar> = {
    let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    pointer.pointee = 0
    return pointer
}()
