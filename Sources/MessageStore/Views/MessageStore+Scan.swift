public import MailCore
public import NIOCore
internal import SQLite

extension MessageStore {
    /// Rows that `scan` looks at in one read: a few milliseconds.
    public static let scanRowsMax = 10_000

    /// Looks at narrow rows in ascending order without keeping them; the caller goes on from `next`.
    ///
    /// - Parameters:
    ///   - filter: flags that must be set and clear.
    ///   - columns: what `judge` looks at beside the UID: each that is left out makes it faster.
    ///   - judge: on a reader's thread: true for a hit, false for none, nil when more must be read to know.
    public func scan(
        _ mailbox: MailboxID, uids: ClosedRange<UInt32>, matching filter: FlagFilter = FlagFilter(),
        columns: NarrowColumns, _ judge: @escaping @Sendable (NarrowRow) -> Bool?
    ) async throws(StoreError) -> ScanPage {
        try await read { connection in
            var page = ScanPage()
            let query = NarrowQuery(mailbox: mailbox, uids: uids, filter: filter, limit: Self.scanRowsMax)
            try query.forEach(columns, connection) { page.take($0, judge($0)) }
            if page.count >= Self.scanRowsMax, let last = page.last, last < uids.upperBound { page.next = last + 1 }
            return page
        }
    }

    /// Messages that `keptFields` and `contents` take at once.
    public static let contentsMax = 4_000

    /// Looks at the header fields that are kept apart.
    ///
    /// - Parameters:
    ///   - messages: ids, ascending, at most `contentsMax`.
    ///   - judge: on a reader's thread, with the position in `messages`.
    /// - Returns: what `judge` said of each message, in their order; nil, too, for one that is not there.
    public func keptFields(
        of account: AccountID, messages: [Int64], _ judge: @escaping @Sendable (Int, KeptFields) -> Bool?
    ) async throws(StoreError) -> [Bool?] {
        let query = KeptFieldsQuery(account: account, messages: Array(messages.prefix(Self.contentsMax)))
        return try await read { connection in
            let fields = KeptFields()
            var verdicts = [Bool?](repeating: nil, count: query.messages.count)
            try query.forEach(connection) { index, lines in
                verdicts[index] = fields.with(lines) { judge(index, $0) }
            }
            return verdicts
        }
    }

    /// Where the octets of messages are, in their order; those that are not there are left out.
    ///
    /// - Parameter messages: ids, at most `contentsMax`.
    public func contents(
        of account: AccountID, messages: [Int64]
    ) async throws(StoreError) -> [MessageContent] {
        let messages = Array(messages.prefix(Self.contentsMax))
        return try await read { connection in
            try messages.compactMap { message in
                try connection.first(
                    """
                    SELECT f.prefix, m.header_octets, b.body_id, b.raw_length, b.digest, b.segment_id, b.segment_offset,
                      b.stored_length, b.codec
                    FROM message AS m JOIN message_facts AS f USING (facts_id) JOIN body AS b ON b.body_id = m.body_id
                    WHERE m.account_id = ? AND m.message_id = ?
                    """, .integer(account.rawValue), .integer(message)
                ) { row in
                    MessageContent(
                        messageID: message, prefix: row.withOctets(0) { ByteBuffer(bytes: $0) },
                        headerOctets: Int(row.integer(1)), body: BodyReference(row, from: 2))
                }
            }
        }
    }
}

/// Where the octets of one message are.
public struct MessageContent: Sendable {
    public var messageID: Int64
    /// The account's own header lines in front of the shared body.
    public var prefix: ByteBuffer
    /// Octets of the shared body's header with its empty line.
    public var headerOctets: Int
    public var body: BodyReference
}
