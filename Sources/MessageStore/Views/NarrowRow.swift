public import MailCore
internal import SQLite

/// Columns of a narrow row, beside the UID.
public struct NarrowColumns: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let messageID = NarrowColumns(rawValue: 1 << 0)
    public static let flags = NarrowColumns(rawValue: 1 << 1)
    public static let size = NarrowColumns(rawValue: 1 << 2)
    /// The internal date and its zone.
    public static let internalDate = NarrowColumns(rawValue: 1 << 3)
    /// The date sent and its zone.
    public static let sentDate = NarrowColumns(rawValue: 1 << 4)
    public static let savedAt = NarrowColumns(rawValue: 1 << 5)
    public static let modSeq = NarrowColumns(rawValue: 1 << 6)
}

/// A narrow row as far as it was read: what was not asked for may be 0.
public struct NarrowRow: Sendable {
    public internal(set) var uid: UID
    public internal(set) var messageID: Int64 = 0
    public internal(set) var flags: Flags = []
    public internal(set) var size = 0
    public internal(set) var internalDate: Int64 = 0
    public internal(set) var internalZoneMinutes = 0
    public internal(set) var sentDate: Int64 = 0
    public internal(set) var sentZoneMinutes = 0
    public internal(set) var savedAt: Int64 = 0
    public internal(set) var modSeq = ModSeq(rawValue: 0)

    @inline(__always)
    init(_ row: Row) { uid = UID(UInt32(truncatingIfNeeded: row.integer(0))) }
}

/// What one read of `scan` found, ascending.
public struct ScanPage: Sendable {
    public private(set) var hits: [UID] = []
    /// Rows on which more must be read.
    public private(set) var open: [NarrowRow] = []
    /// Where the next read begins; nil when all was looked at.
    public internal(set) var next: UInt32?
    private(set) var count = 0
    private(set) var last: UInt32?

    @inline(__always)
    mutating func take(_ row: NarrowRow, _ verdict: Bool?) {
        count += 1
        last = row.uid.rawValue
        if verdict == true { hits.append(row.uid) }
        if verdict == nil { open.append(row) }
    }
}

/// Rows of a mailbox, read with no more columns than are wanted: each costs a tenth of a row.
struct NarrowQuery {
    let mailbox: MailboxID
    let uids: ClosedRange<UInt32>
    let filter: FlagFilter
    let limit: Int

    private var place: [Value] {
        [.integer(mailbox.rawValue), .integer(uids.lowerBound), .integer(uids.upperBound), .integer(limit)]
    }

    private var flags: [Value] {
        [.integer(filter.set.union(filter.clear).rawValue), .integer(filter.set.rawValue)]
    }

    func forEach(
        _ columns: NarrowColumns, _ connection: ReadConnection, _ body: (NarrowRow) throws -> Void
    ) throws {
        if columns.isEmpty { return try forEachUID(connection, body) }
        if columns.isSubset(of: [.messageID, .flags]) { return try forEachFlags(connection, body) }
        if columns == .size, filter == FlagFilter() { return try forEachSize(connection, body) }
        try connection.query(
            """
            SELECT uid, message_id, flags, size, internal_date, internal_zone_minutes, sent_date, sent_zone_minutes,
              saved_at, mod_seq
            FROM mailbox_message WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 AND flags & ?5 = ?6 ORDER BY uid LIMIT ?4
            """, place + flags
        ) { row in
            var narrow = NarrowRow(row)
            narrow.messageID = row.integer(1)
            narrow.flags = Flags(rawValue: row.integer(2))
            narrow.size = Int(row.integer(3))
            narrow.internalDate = row.integer(4)
            narrow.internalZoneMinutes = Int(row.integer(5))
            narrow.sentDate = row.integer(6)
            narrow.sentZoneMinutes = Int(row.integer(7))
            narrow.savedAt = row.integer(8)
            narrow.modSeq = ModSeq(rawValue: row.integer(9))
            try body(narrow)
        }
    }

    private func forEachUID(_ connection: ReadConnection, _ body: (NarrowRow) throws -> Void) throws {
        try connection.query(
            """
            SELECT uid FROM mailbox_message
            WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 AND flags & ?5 = ?6 ORDER BY uid LIMIT ?4
            """, place + flags
        ) { try body(NarrowRow($0)) }
    }

    private func forEachFlags(_ connection: ReadConnection, _ body: (NarrowRow) throws -> Void) throws {
        try connection.query(
            """
            SELECT uid, message_id, flags FROM mailbox_message
            WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 AND flags & ?5 = ?6 ORDER BY uid LIMIT ?4
            """, place + flags
        ) { row in
            var narrow = NarrowRow(row)
            narrow.messageID = row.integer(1)
            narrow.flags = Flags(rawValue: row.integer(2))
            try body(narrow)
        }
    }

    private func forEachSize(_ connection: ReadConnection, _ body: (NarrowRow) throws -> Void) throws {
        try connection.query(
            """
            SELECT uid, size FROM mailbox_message WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3
            ORDER BY uid LIMIT ?4
            """, place
        ) { row in
            var narrow = NarrowRow(row)
            narrow.size = Int(row.integer(1))
            try body(narrow)
        }
    }
}
