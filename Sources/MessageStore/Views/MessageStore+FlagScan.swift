internal import Execution
public import MailCore
internal import SQLite

/// What a listing of flags needs of a message.
public struct FlagRow: Sendable {
    public var uid: UID
    public var flags: Flags
    public var modSeq: ModSeq

    /// A row of `uid, flags, mod_seq`.
    init(_ row: Row) {
        uid = UID(UInt32(truncatingIfNeeded: row.integer(0)))
        flags = Flags(rawValue: row.integer(1))
        modSeq = ModSeq(rawValue: row.integer(2))
    }
}

extension MessageStore {
    /// Hands the flags of messages to `take`, ascending, on a reader's thread: a whole mailbox is listed without a value
    /// made for each message.
    ///
    /// - Parameters:
    ///   - limit: at most 20,000, so that one read stays short.
    ///   - take: rows go into the state; must be quick and wait for nothing.
    /// - Returns: the state, and where the next page begins; nil behind the last one.
    public func scanFlags<State: Sendable>(
        of mailbox: MailboxID, uids: ClosedRange<UInt32>, limit: Int, into state: State,
        _ take: @escaping @Sendable (inout State, FlagRow) -> Void
    ) async throws(StoreError) -> (State, next: UInt32?) {
        let limit = min(max(1, limit), 20_000)
        return try await read { connection in
            var state = state
            var count = 0
            var last: UInt32 = 0
            try connection.query(
                """
                SELECT uid, flags, mod_seq FROM mailbox_message
                WHERE mailbox_id = ? AND uid BETWEEN ? AND ? ORDER BY uid LIMIT ?
                """, .integer(mailbox.rawValue), .integer(uids.lowerBound), .integer(uids.upperBound), .integer(limit)
            ) { row in
                let flags = FlagRow(row)
                last = flags.uid.rawValue
                count += 1
                take(&state, flags)
            }
            return (state, count == limit && last < uids.upperBound ? last + 1 : nil)
        }
    }
}
