internal import Execution
internal import NIOCore
internal import SQLite

/// What the index reads of the store, behind all that clients wait for.
struct IndexedMail: Sendable {
    /// An account as far as the index is concerned.
    struct Account: Sendable {
        var id: Int64
        /// The last message id that was given.
        var lastMessage: Int64
        /// Rows in mailboxes, copies included.
        var messages: Int
        /// Octets of expunged mail that can be brought back.
        var keptOctets: Int64
    }

    struct Message: Sendable {
        var id: Int64
        /// It is in no mailbox any more, and cannot be brought back.
        var isGone: Bool
        var prefix: ByteBuffer
        var body: BodyReference?
    }

    private let database: Database
    private let readers: SegmentReaders

    init(database: Database, readers: SegmentReaders) {
        self.database = database
        self.readers = readers
    }

    func accounts() async throws -> [Account] {
        try await database.read(priority: .bulk) { connection in
            try connection.all(
                """
                SELECT account_id, next_message_id - 1, used_messages, kept_octets FROM account_state
                WHERE removed_at IS NULL
                """
            ) {
                Account(
                    id: $0.integer(0), lastMessage: $0.integer(1), messages: Int(clamping: $0.integer(2)),
                    keptOctets: $0.integer(3))
            }
        }
    }

    /// Tells the mail of one account from that of another which had its number in a store that was replaced since: INBOX
    /// is never made anew. Nil when there is no such account.
    func identity(of account: Int64) async throws -> String? {
        try await database.read(priority: .bulk) { connection in
            try connection.first(
                "SELECT mailbox_id, uid_validity FROM mailbox WHERE account_id = ? AND name = 'INBOX'",
                .integer(account)
            ) { "\($0.integer(0))-\($0.integer(1))" }
        }
    }

    /// The messages of an account behind one of them, ascending.
    func messages(of account: Int64, after message: Int64, limit: Int) async throws -> [Message] {
        try await database.read(priority: .bulk) { connection in
            try connection.all(
                """
                SELECT m.message_id, m.mailbox_refs, f.prefix, b.body_id, b.raw_length, b.digest, b.segment_id,
                  b.segment_offset, b.stored_length, b.codec
                FROM message AS m JOIN message_facts AS f USING (facts_id)
                  LEFT JOIN body AS b ON b.body_id = m.body_id
                WHERE m.account_id = ? AND m.message_id > ? ORDER BY m.message_id LIMIT ?
                """, .integer(account), .integer(message), .integer(limit)
            ) { row in
                Message(
                    id: row.integer(0), isGone: row.integer(1) <= 0,
                    prefix: row.withOctets(2) { ByteBuffer(bytes: $0) },
                    body: row.isNull(3) ? nil : BodyReference(row, from: 3))
            }
        }
    }

    /// How many expunged messages of an account can be brought back.
    func keptMessages(of account: Int64) async throws -> Int {
        try await database.read(priority: .bulk) { connection in
            Int(
                clamping: try connection.integer(
                    "SELECT count(*) FROM expunged WHERE account_id = ?", .integer(account)) ?? 0)
        }
    }

    /// How many messages of an account up to one of them are in a mailbox or can be brought back; read in pages.
    func liveMessages(of account: Int64, through last: Int64) async throws -> Int {
        var live = 0
        var next: Int64? = 0
        while let first = next {
            let page = try await database.read(priority: .bulk) { connection in
                try connection.first(
                    """
                    SELECT count(*), total(mailbox_refs > 0), max(message_id) FROM
                      (SELECT message_id, mailbox_refs FROM message
                       WHERE account_id = ? AND message_id >= ? AND message_id <= ? ORDER BY message_id LIMIT 2000)
                    """, .integer(account), .integer(first), .integer(last)
                ) { (count: $0.integer(0), live: $0.integer(1), last: $0.integer(2)) }
            }
            guard let page, page.count > 0 else { break }
            live += Int(clamping: page.live)
            next = page.count == 2_000 ? page.last + 1 : nil
        }
        return live
    }

    /// The octets of a body. Blocks.
    func octets(of body: BodyReference) throws -> ByteBuffer { try readers.read(body, nil) }
}
