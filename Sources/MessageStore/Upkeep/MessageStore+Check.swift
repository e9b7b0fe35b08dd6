internal import Execution
internal import Glibc
internal import MailCrypto
internal import NIOCore
internal import SQLite

extension MessageStore {
    /// Compares the database with itself and with the segments. Empty when all is well; else a sentence each, 1,000 at most.
    ///
    /// Reads everything: throttle it by not running it at noon.
    ///
    /// - Parameter readsBodies: also every octet of every body against its digest.
    public func check(readsBodies: Bool = true) async throws(StoreError) -> [String] {
        var findings: [String] = []
        do {
            findings += try await database.integrityCheck().map { "mail.db: \($0)" }
        } catch {
            throw StoreError(error)
        }
        findings += try await read(priority: .bulk) { try Self.checkCounters($0) }
        var from: Int64 = 0
        while findings.count < 1_000 {
            let start = from
            let bodies = try await read(priority: .bulk) { connection in
                try connection.all(
                    """
                    SELECT body_id, raw_length, digest, segment_id, segment_offset, stored_length, codec FROM body
                    WHERE body_id > ? ORDER BY body_id LIMIT 500
                    """, .integer(start)
                ) { BodyReference($0, from: 0) }
            }
            guard let last = bodies.last else { break }
            from = last.bodyID
            do {
                findings += try await files.run(priority: .bulk) { [readers] in
                    bodies.compactMap { readsBodies ? Self.check($0, readers) : Self.checkPlace($0, readers) }
                }
            } catch {
                throw StoreError(error)
            }
        }
        return Array(findings.prefix(1_000))
    }

    private static func check(_ body: BodyReference, _ readers: SegmentReaders) -> String? {
        do {
            let octets = try readers.read(body, nil)
            let digest = octets.withUnsafeReadableBytes { SHA256.hash($0) }.withUnsafeBytes { Array($0.prefix(16)) }
            return digest == body.digest ? nil : "body \(body.bodyID): its octets do not have its digest"
        } catch {
            return "body \(body.bodyID): \(error.diagnostic)"
        }
    }

    private static func checkPlace(_ body: BodyReference, _ readers: SegmentReaders) -> String? {
        do {
            var status = stat()
            guard fstat(try readers.handle(body.segment).descriptor, &status) == 0,
                Int(status.st_size) >= body.offset + body.storedLength
            else { return "body \(body.bodyID): its segment \(StorePaths.segmentName(body.segment)) is too short" }
            return nil
        } catch {
            return "body \(body.bodyID): \(error.diagnostic)"
        }
    }

    private static func checkCounters(_ connection: ReadConnection) throws -> [String] {
        var findings: [String] = []
        try connection.query(
            """
            SELECT m.mailbox_id, m.name FROM mailbox AS m LEFT JOIN (
              SELECT mailbox_id, count(*) AS messages, sum(flags & 1 = 0) AS unseen, sum(flags & 8 <> 0) AS deleted,
                sum(size) AS octets, max(uid) AS last_uid, max(mod_seq) AS mod_seq
              FROM mailbox_message GROUP BY mailbox_id) AS r USING (mailbox_id)
            WHERE m.message_count <> coalesce(r.messages, 0) OR m.unseen_count <> coalesce(r.unseen, 0)
              OR m.deleted_count <> coalesce(r.deleted, 0) OR m.octet_count <> coalesce(r.octets, 0)
              OR m.uid_next <= coalesce(r.last_uid, 0) OR m.highest_mod_seq < coalesce(r.mod_seq, 0)
            """
        ) { findings.append("mailbox \($0.integer(0)) (\($0.text(1))): its counters differ from its messages") }
        try connection.query(
            """
            SELECT s.account_id FROM account_state AS s LEFT JOIN (
              SELECT account_id, sum(message_count) AS messages, sum(octet_count) AS octets,
                max(highest_mod_seq) AS mod_seq FROM mailbox GROUP BY account_id) AS m USING (account_id)
            WHERE s.used_messages <> coalesce(m.messages, 0) OR s.used_octets <> coalesce(m.octets, 0)
              OR s.mod_seq < coalesce(m.mod_seq, 0)
            """
        ) { findings.append("account \($0.integer(0)): its counters differ from its mailboxes") }
        try connection.query(
            """
            SELECT mm.mailbox_id, mm.uid FROM mailbox_message AS mm JOIN mailbox AS b USING (mailbox_id)
              LEFT JOIN message AS m ON m.account_id = b.account_id AND m.message_id = mm.message_id
            WHERE m.message_id IS NULL LIMIT 100
            """
        ) { findings.append("mailbox \($0.integer(0)): UID \($0.integer(1)) has no message") }
        try connection.query(
            """
            SELECT m.account_id, m.message_id FROM message AS m LEFT JOIN (
              SELECT b.account_id, mm.message_id, count(*) AS refs FROM mailbox_message AS mm JOIN mailbox AS b
                USING (mailbox_id) GROUP BY 1, 2) AS r USING (account_id, message_id)
            WHERE m.mailbox_refs <> coalesce(r.refs, 0) LIMIT 100
            """
        ) { findings.append("account \($0.integer(0)): message \($0.integer(1)) counts its mailboxes wrongly") }
        try connection.query(
            """
            SELECT b.body_id FROM body AS b LEFT JOIN (
              SELECT body_id, sum(n) AS refs FROM (
                SELECT body_id, count(*) AS n FROM message GROUP BY body_id
                UNION ALL SELECT body_id, count(*) FROM queue_message GROUP BY body_id) GROUP BY body_id
            ) AS r USING (body_id) WHERE b.ref_count <> coalesce(r.refs, 0) LIMIT 100
            """
        ) { findings.append("body \($0.integer(0)) counts its references wrongly") }
        try connection.query(
            """
            SELECT m.account_id, m.message_id FROM message AS m LEFT JOIN body AS b USING (body_id)
            WHERE b.body_id IS NULL LIMIT 100
            """
        ) { findings.append("account \($0.integer(0)): message \($0.integer(1)) has no body") }
        return findings
    }
}
