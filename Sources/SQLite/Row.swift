internal import CSQLite

/// The row that a query stands on. Valid only inside the closure that it was handed to.
public struct Row {
    let statement: OpaquePointer

    /// 0 for NULL.
    public func integer(_ column: Int) -> Int64 {
        sqlite3_column_int64(statement, Int32(truncatingIfNeeded: column))
    }

    public func boolean(_ column: Int) -> Bool { integer(column) != 0 }

    public func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(statement, Int32(truncatingIfNeeded: column)) == SQLITE_NULL
    }

    /// Empty for NULL. Octets that are not UTF-8 are replaced.
    public func text(_ column: Int) -> String {
        withOctets(column) { String(decoding: $0, as: UTF8.self) }
    }

    /// Empty for NULL.
    public func octets(_ column: Int) -> [UInt8] {
        withOctets(column) { [UInt8]($0) }
    }

    public func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }

    public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

    /// The octets of a TEXT or BLOB without a copy; valid inside `body` only.
    public func withOctets<Outcome>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Outcome) rethrows
        -> Outcome
    {
        let column = Int32(truncatingIfNeeded: column)
        let start = sqlite3_column_blob(statement, column)
        return try body(
            UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
        )
    }
}
