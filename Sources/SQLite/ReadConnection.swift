internal import CSQLite

/// One snapshot of the database, for reading. Used on the thread that it was handed to, inside that closure only.
///
/// SQL is a literal: what a stranger wrote comes in through the question marks. A literal's statement is prepared once
/// for each connection.
public class ReadConnection {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    /// Calls `body` for each row.
    public func query(_ sql: StaticString, _ values: Value..., row body: (Row) throws -> Void) throws {
        try connection.run(sql, values) { try body($0) }
    }

    /// The same where the values come from elsewhere.
    public func query(_ sql: StaticString, _ values: [Value], row body: (Row) throws -> Void) throws {
        try connection.run(sql, values) { try body($0) }
    }

    /// The first row mapped, or nil when there is none.
    public func first<Outcome>(
        _ sql: StaticString, _ values: Value..., row map: (Row) throws -> Outcome
    ) throws -> Outcome? {
        try connection.first(sql, values, map)
    }

    /// All rows mapped.
    public func all<Outcome>(
        _ sql: StaticString, _ values: Value..., row map: (Row) throws -> Outcome
    ) throws -> [Outcome] {
        var rows: [Outcome] = []
        try connection.run(sql, values) { rows.append(try map($0)) }
        return rows
    }

    /// The first column of the first row as an integer.
    public func integer(_ sql: StaticString, _ values: Value...) throws -> Int64? {
        try connection.first(sql, values) { $0.isNull(0) ? nil : $0.integer(0) } ?? nil
    }
}

/// The one transaction that writes. A request that throws is undone whole, and alone.
public final class WriteTransaction: ReadConnection {
    private(set) var afterCommitActions: [() -> Void] = []

    /// Runs a statement to its end.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    public func execute(_ sql: StaticString, _ values: Value...) throws(DatabaseError) -> Int {
        try connection.execute(sql, values)
        return Int(sqlite3_changes(connection.handle))
    }

    /// What the last INSERT gave as its INTEGER PRIMARY KEY.
    public var lastInsertedID: Int64 { sqlite3_last_insert_rowid(connection.handle) }

    /// Runs `action` on the writer's thread after COMMIT, before the caller goes on; not at all when the request fails.
    public func afterCommit(_ action: @escaping () -> Void) {
        afterCommitActions.append(action)
    }

    func takeAfterCommitActions() -> [() -> Void] {
        defer { afterCommitActions = [] }
        return afterCommitActions
    }

    func dropAfterCommitActions(downTo count: Int) {
        afterCommitActions.removeSubrange(count...)
    }
}
