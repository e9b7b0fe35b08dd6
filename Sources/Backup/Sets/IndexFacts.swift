internal import SQLite

/// What a copy of `mail.db` says of itself: read from the copy, so that it is true of that instant.
struct IndexFacts: Sendable {
    struct Segment: Sendable {
        var id: Int64
        var isSealed: Bool
        /// All that the index may name.
        var octets: Int64
    }

    var generation: Int64
    var counts: Manifest.Counts
    /// Those with files, ascending.
    var segments: [Segment]

    init(_ connection: ReadConnection) throws {
        generation =
            try connection.first("SELECT value FROM store_info WHERE name = 'generation'") { Int64($0.text(0)) ?? 1 }
            ?? 1
        counts =
            try connection.first(
                "SELECT count(*), coalesce(sum(used_messages), 0), coalesce(sum(used_octets), 0) FROM account_state"
            ) {
                Manifest.Counts(accounts: $0.integer(0), messages: $0.integer(1), octets: $0.integer(2))
            } ?? Manifest.Counts(accounts: 0, messages: 0, octets: 0)
        segments = try connection.all(
            """
            SELECT segment_id, state, coalesce(octet_count, (
              SELECT max(segment_offset + stored_length) FROM body
              WHERE body_id >= first_body_id AND body.segment_id = segment.segment_id), 0)
            FROM segment WHERE state < 2 ORDER BY segment_id
            """
        ) { Segment(id: $0.integer(0), isSealed: $0.integer(1) == 1, octets: $0.integer(2)) }
    }

    /// - Parameter open: what the store said of its open segment at the instant of the copy. It only grows, while
    ///   the end of the last body that is left may shrink.
    func knowing(open: (segment: Int64, octets: Int)?) -> IndexFacts {
        var facts = self
        for index in facts.segments.indices where !facts.segments[index].isSealed {
            guard let open, open.segment == facts.segments[index].id else { continue }
            facts.segments[index].octets = max(facts.segments[index].octets, Int64(open.octets))
        }
        return facts
    }

    /// A name of the store that stays with it over restores; made at its first backup.
    static func storeName(_ database: Database, fresh: String) async throws -> String {
        let known = try await database.read { try Self.storeName($0) }
        if let known { return known }
        return try await database.write { transaction in
            try transaction.execute("INSERT OR IGNORE INTO store_info VALUES ('backup_name', ?)", .text(fresh))
            return try Self.storeName(transaction) ?? fresh
        }
    }

    private static func storeName(_ connection: ReadConnection) throws -> String? {
        try connection.first("SELECT value FROM store_info WHERE name = 'backup_name'") { $0.text(0) }
    }
}
