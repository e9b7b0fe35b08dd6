internal import SQLite

/// Facts about the store itself.
enum StoreInfo {
    /// Writes what a store begins with, or begins again with in a new generation.
    static func begin(generation: Int64, in transaction: WriteTransaction) throws {
        try transaction.execute(
            "INSERT OR REPLACE INTO store_info VALUES ('generation', ?)", .text(String(generation)))
        for name in ["next_mailbox_id", "next_queue_id", "reserved_segment_id"] {
            try transaction.execute(
                """
                INSERT INTO counter VALUES (?1, ?2)
                ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)
                """, .text(name), .integer(StoreID.make(generation: generation, counter: 0)))
        }
        try transaction.execute("INSERT OR IGNORE INTO counter VALUES ('commit_number', 0)")
    }

    static func generation(_ connection: ReadConnection) throws -> Int64 {
        try connection.first("SELECT value FROM store_info WHERE name = 'generation'") { Int64($0.text(0)) ?? 1 } ?? 1
    }

    static func nextMailbox(_ transaction: WriteTransaction) throws -> Int64 {
        try transaction.integer("UPDATE counter SET value = value + 1 WHERE name = 'next_mailbox_id' RETURNING value")
            ?? 0
    }

    static func nextQueue(_ transaction: WriteTransaction) throws -> Int64 {
        try transaction.integer("UPDATE counter SET value = value + 1 WHERE name = 'next_queue_id' RETURNING value")
            ?? 0
    }

}
