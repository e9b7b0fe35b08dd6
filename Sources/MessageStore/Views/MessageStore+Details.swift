internal import Execution
public import MailCore
public import NIOCore
internal import SQLite

extension MessageStore {
    /// Messages with what FETCH asks for beside the narrow row, in ascending order; the caller pages on.
    ///
    /// - Parameters:
    ///   - limit: at most 1,000 are given, so that one read stays short.
    ///   - want: what is not in it is left empty, and not read.
    public func details(
        of mailbox: MailboxID, account: AccountID, uids: ClosedRange<UInt32>, limit: Int, want: DetailSet
    ) async throws(StoreError) -> [MessageDetail] {
        try await read { connection in
            try Self.details(of: mailbox, account, uids, limit, want, connection)
        }
    }

    static func details(
        of mailbox: MailboxID, _ account: AccountID, _ uids: ClosedRange<UInt32>, _ limit: Int,
        _ want: DetailSet, _ connection: ReadConnection
    ) throws -> [MessageDetail] {
        var rows: [MessageDetail] = []
        let wantsBody = want.contains(.body)
        try connection.query(
            """
            SELECT mm.uid, mm.message_id, mm.mod_seq, mm.flags, mm.size, mm.internal_date, mm.internal_zone_minutes,
              mm.sent_date, mm.sent_zone_minutes, mm.saved_at, m.thread_id, m.header_octets, m.body_id,
              CASE WHEN ?6 & 1 THEN f.envelope END, CASE WHEN ?6 & 2 THEN f.structure END,
              CASE WHEN ?6 & 4 THEN (SELECT lines FROM header_fields AS h WHERE h.facts_id = m.facts_id) END,
              CASE WHEN ?6 & 8 THEN f.preview END, CASE WHEN ?6 & 16 THEN f.prefix END
            FROM mailbox_message AS mm JOIN message AS m ON m.account_id = ?2 AND m.message_id = mm.message_id
              JOIN message_facts AS f USING (facts_id)
            WHERE mm.mailbox_id = ?1 AND mm.uid BETWEEN ?3 AND ?4 ORDER BY mm.uid LIMIT ?5
            """, .integer(mailbox.rawValue), .integer(account.rawValue), .integer(uids.lowerBound),
            .integer(uids.upperBound), .integer(min(max(0, limit), 1_000)), .integer(Int64(want.rawValue))
        ) { row in
            var detail = MessageDetail(row)
            if wantsBody { detail.body = try BodyReference.find(row.integer(12), connection) }
            rows.append(detail)
        }
        return rows
    }

    /// The same of messages whose rows are known already, also of those that left their mailbox since; what was purged is
    /// passed over. At most 1,000.
    public func details(
        of summaries: [MessageSummary], account: AccountID, want: DetailSet
    ) async throws(StoreError) -> [MessageDetail] {
        try await read { connection in
            try summaries.prefix(1_000).compactMap { summary in
                let found = try connection.first(
                    """
                    SELECT 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, m.thread_id, m.header_octets, m.body_id,
                      CASE WHEN ?3 & 1 THEN f.envelope END, CASE WHEN ?3 & 2 THEN f.structure END,
                      CASE WHEN ?3 & 4 THEN (SELECT lines FROM header_fields AS h WHERE h.facts_id = m.facts_id) END,
                      CASE WHEN ?3 & 8 THEN f.preview END, CASE WHEN ?3 & 16 THEN f.prefix END
                    FROM message AS m JOIN message_facts AS f USING (facts_id) WHERE m.account_id = ?1 AND m.message_id = ?2
                    """, .integer(account.rawValue), .integer(summary.messageID), .integer(Int64(want.rawValue))
                ) { (detail: MessageDetail($0), body: $0.integer(12)) }
                guard let found else { return nil }
                var detail = found.detail
                detail.summary = summary
                if want.contains(.body) { detail.body = try BodyReference.find(found.body, connection) }
                return detail
            }
        }
    }

    /// The octets of a shared body, or a range of them clamped to it; without any account's prefix.
    ///
    /// Works for a message that was expunged meanwhile, too, and for one whose segment was compacted.
    public func octets(of body: BodyReference, range: Range<Int>? = nil) async throws(StoreError) -> ByteBuffer {
        do throws(StoreError) {
            return try await octets(at: body, range)
        } catch .gone {
            guard let now = try await read({ try BodyReference.find(body.bodyID, $0) }) else { throw .gone }
            return try await octets(at: now, range)
        }
    }

    private func octets(at body: BodyReference, _ range: Range<Int>?) async throws(StoreError) -> ByteBuffer {
        do {
            return try await files.run { [readers] in try readers.read(body, range) }
        } catch {
            throw StoreError(error)
        }
    }

    /// Several whole bodies at once, in their order; for pages of small messages. The caller bounds their sum.
    public func octets(of bodies: [BodyReference]) async throws(StoreError) -> [ByteBuffer] {
        let all: [ByteBuffer]?
        do {
            all = try await files.run { [readers] in
                do throws(StoreError) {
                    return try bodies.map { body throws(StoreError) in try readers.read(body, nil) }
                } catch .gone {
                    return nil
                }
            }
        } catch {
            throw StoreError(error)
        }
        if let all { return all }
        var found: [ByteBuffer] = []
        for body in bodies { found.append(try await octets(of: body)) }
        return found
    }
}

extension MessageDetail {
    init(_ row: Row) {
        summary = MessageSummary(row)
        threadID = row.integer(10)
        headerOctets = Int(row.integer(11))
        envelope = row.withOctets(13) { ByteBuffer(bytes: $0.dropFirst()) }
        if let structure = row.withOctets(14, { StoredStructure($0) }) {
            bodyStructureBasic = structure.basic
            bodyStructure = structure.extended
            parts = structure.parts
        }
        headerFields = row.withOctets(15) { HeaderFields.read($0) }
        preview = row.text(16)
        prefix = row.withOctets(17) { ByteBuffer(bytes: $0) }
    }
}

extension BodyReference {
    static func find(_ id: Int64, _ connection: ReadConnection) throws -> BodyReference? {
        try connection.first(
            """
            SELECT body_id, raw_length, digest, segment_id, segment_offset, stored_length, codec FROM body
            WHERE body_id = ?
            """, .integer(id)
        ) { BodyReference($0, from: 0) }
    }

    /// Of the columns body_id, raw_length, digest, segment_id, segment_offset, stored_length, codec.
    init(_ row: Row, from column: Int) {
        self.init(
            bodyID: row.integer(column), octetCount: Int(row.integer(column + 1)), digest: row.octets(column + 2),
            segment: row.integer(column + 3), offset: Int(row.integer(column + 4)),
            storedLength: Int(row.integer(column + 5)), codec: row.integer(column + 6))
    }
}
