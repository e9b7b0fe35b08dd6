import CSQLite
import CWatchedFiles
import Glibc

/// All rows of an index as text, but for what a start may change: which segments are sealed, which numbers of segments
/// are reserved, who leases what of the queue, how many transactions there were.
///
/// `@unchecked Sendable`: used by one thread at a time.
final class IndexRows: @unchecked Sendable {
    private static let leftOut: Set<String> = ["segment"]
    private static let columns = [
        "queue_recipient.state": "CASE state WHEN 1 THEN 0 ELSE state END", "queue_recipient.lease_owner": "NULL",
    ]
    private static let conditions = ["counter": " WHERE name NOT IN ('reserved_segment_id', 'commit_number')"]

    private var database: OpaquePointer?
    private var query = ""

    /// - Parameter path: of a database that exists. It is read past the disk of the test, so that no fault strikes here.
    init(_ path: String) {
        sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        _ = database.map { csqlite_no_checkpoint_on_close($0) }
        sqlite3_busy_timeout(database, 5_000)
    }

    deinit { sqlite3_close_v2(database) }

    /// Nil when they cannot be read.
    func read() -> String? {
        if query.isEmpty { query = makeQueries() }
        var text = ""
        for line in query.split(separator: "\n") {
            guard let rows = rows(String(line)) else { return nil }
            text += rows
        }
        return text.isEmpty ? nil : text
    }

    private func rows(_ sql: String) -> String? {
        guard let text = watched_files_rows(database, sql) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    /// One line a table, with the table's name as the first column of its rows.
    private func makeQueries() -> String {
        let tables = rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") ?? ""
        return tables.split(separator: "\n").map(String.init).filter { !Self.leftOut.contains($0) }.map { table in
            let names = rows("SELECT name FROM pragma_table_info('\(table)')") ?? ""
            let columns = names.split(separator: "\n").map { Self.columns["\(table).\($0)"] ?? String($0) }
            return "SELECT '\(table)', \(columns.joined(separator: ", ")) FROM \(table)\(Self.conditions[table] ?? "")"
        }.joined(separator: "\n")
    }
}

/// What two states differ in, for a failing test.
func difference(_ left: String, _ right: String) -> String {
    let (left, right) = (Set(left.split(separator: "\n")), Set(right.split(separator: "\n")))
    let missing = left.subtracting(right).sorted().prefix(6).map { "- " + $0.prefix(120) }
    let added = right.subtracting(left).sorted().prefix(6).map { "+ " + $0.prefix(120) }
    return (missing + added).joined(separator: "\n")
}
