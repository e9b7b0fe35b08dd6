internal import Glibc
internal import MailCore
internal import SQLite
internal import Synchronization

/// The SQL of trails and events. Rows are added at the end of both tables for what is new, so that they cost little.
enum EventRows {
    static func insertTrail(
        _ id: Int64, _ origin: Origin, _ facts: MessageFacts, octets: Int, _ transaction: WriteTransaction
    ) throws {
        try transaction.execute(
            "INSERT OR IGNORE INTO trail VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", .integer(id),
            .integer(EventClock.next()), .integer(origin.kind.rawValue), .text(origin.session), .text(origin.client),
            .text(origin.login), .text(origin.reversePath), .text(facts.messageIDText), .text(facts.subject),
            .integer(octets))
    }

    static func insert(
        _ kind: MessageEvent.Kind, trail: Int64, account: AccountID? = nil, address: String? = nil,
        mailbox: String? = nil, uid: UID? = nil, detail: String? = nil, _ transaction: WriteTransaction
    ) throws {
        try transaction.execute(
            "INSERT OR IGNORE INTO message_event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", .integer(trail),
            .integer(EventClock.next()), .integer(kind.rawValue), .optional(account?.rawValue), .optional(address),
            .optional(mailbox), .optional(uid.map { Int64($0.rawValue) }), .optional(detail))
    }

    /// One event for each message of a run of UIDs in a mailbox.
    static func insert(
        _ kind: MessageEvent.Kind, mailbox: MailboxID, named name: String, uids: ClosedRange<UInt32>,
        account: AccountID, actor: String?, _ transaction: WriteTransaction
    ) throws {
        try transaction.execute(
            """
            INSERT OR IGNORE INTO message_event
            SELECT m.body_id, ?1 + row_number() OVER (), ?2, ?3, ?4, ?5, mm.uid, NULL
            FROM mailbox_message AS mm JOIN message AS m ON m.account_id = ?3 AND m.message_id = mm.message_id
            WHERE mm.mailbox_id = ?6 AND mm.uid BETWEEN ?7 AND ?8
            """, .integer(EventClock.take(uids.count)), .integer(kind.rawValue), .integer(account.rawValue),
            .optional(actor), .text(name), .integer(mailbox.rawValue), .integer(uids.lowerBound),
            .integer(uids.upperBound))
    }

    static func event(_ row: Row) -> MessageEvent? {
        guard let kind = MessageEvent.Kind(rawValue: row.integer(2)) else { return nil }
        return MessageEvent(
            trail: row.integer(0), at: row.integer(1), kind: kind,
            account: row.optionalInteger(3).map { AccountID(rawValue: $0) }, address: row.optionalText(4),
            mailbox: row.optionalText(5),
            uid: row.optionalInteger(6).map { UID(UInt32(truncatingIfNeeded: $0)) }, detail: row.optionalText(7))
    }

    static func trail(_ row: Row) -> Trail {
        Trail(
            id: row.integer(0), at: row.integer(1),
            origin: Origin(
                Origin.Kind(rawValue: row.integer(2)) ?? .notice, session: row.text(3), client: row.text(4),
                login: row.text(5), reversePath: row.text(6)),
            messageID: row.text(7), subject: row.text(8), octets: Int(row.integer(9)))
    }
}

/// Microseconds, each given once in the life of the process, so that they name an event of a trail.
enum EventClock {
    private static let last = Mutex<Int64>(0)

    static func next() -> Int64 { take(1) }

    /// The first of `count` that are the caller's.
    static func take(_ count: Int) -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        return last.withLock { last in
            let first = max(now, last + 1)
            last = first + Int64(max(1, count))
            return first
        }
    }
}
