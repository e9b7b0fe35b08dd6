internal import SQLite

/// One thing that must agree with another in the index.
struct Comparison: Sendable {
    /// Rows of what does not.
    let sql: StaticString
    let sentence: @Sendable (Row) -> String

    func findings(_ connection: ReadConnection) throws -> [String] {
        var findings: [String] = []
        try connection.query(sql) { row in
            if findings.count < 100 { findings.append(sentence(row)) }
        }
        return findings
    }

    static let all: [Comparison] = [
        mailboxCounters, accountCounters, domainCounters, keptCounters, rowsWithoutMessage, keptWithoutMessage,
        messageReferences, bodyReferences, messagesWithoutBody, messagesWithoutFacts, bodiesWithoutSegment,
        vanishedAndThere, overlappingUIDs,
    ]

    private static let mailboxCounters = Comparison(
        sql: """
            SELECT m.mailbox_id, m.name FROM mailbox AS m LEFT JOIN (
              SELECT mailbox_id, count(*) AS messages, sum(flags & 1 = 0) AS unseen, sum(flags & 8 <> 0) AS deleted,
                sum(size) AS octets, max(uid) AS last_uid, max(mod_seq) AS mod_seq
              FROM mailbox_message GROUP BY mailbox_id) AS r USING (mailbox_id)
            WHERE m.message_count <> coalesce(r.messages, 0) OR m.unseen_count <> coalesce(r.unseen, 0)
              OR m.deleted_count <> coalesce(r.deleted, 0) OR m.octet_count <> coalesce(r.octets, 0)
              OR m.uid_next <= coalesce(r.last_uid, 0) OR m.highest_mod_seq < coalesce(r.mod_seq, 0)
            """,
        sentence: { "mailbox \($0.integer(0)) (\($0.text(1))): its counters differ from its messages" })

    private static let accountCounters = Comparison(
        sql: """
            SELECT s.account_id FROM account_state AS s LEFT JOIN (
              SELECT account_id, sum(message_count) AS messages, sum(octet_count) AS octets,
                max(highest_mod_seq) AS mod_seq FROM mailbox GROUP BY account_id) AS m USING (account_id)
            WHERE s.removed_at IS NULL AND (s.used_messages <> coalesce(m.messages, 0)
              OR s.used_octets <> coalesce(m.octets, 0) OR s.mod_seq < coalesce(m.mod_seq, 0))
            """,
        sentence: { "account \($0.integer(0)): its counters differ from its mailboxes" })

    private static let domainCounters = Comparison(
        sql: """
            SELECT d.domain_id FROM domain_state AS d LEFT JOIN (
              SELECT domain_id, sum(used_octets) AS octets, sum(used_messages) AS messages FROM account_state
              WHERE removed_at IS NULL GROUP BY domain_id) AS a USING (domain_id)
            WHERE d.used_octets <> coalesce(a.octets, 0) OR d.used_messages <> coalesce(a.messages, 0)
            """,
        sentence: { "domain \($0.integer(0)): its counters differ from its accounts" })

    private static let keptCounters = Comparison(
        sql: """
            SELECT s.account_id FROM account_state AS s LEFT JOIN (
              SELECT account_id, sum(size) AS octets FROM expunged GROUP BY account_id) AS e USING (account_id)
            WHERE s.removed_at IS NULL AND s.kept_octets <> coalesce(e.octets, 0)
            """,
        sentence: { "account \($0.integer(0)): what it keeps of expunged mail is counted wrongly" })

    private static let rowsWithoutMessage = Comparison(
        sql: """
            SELECT mm.mailbox_id, mm.uid FROM mailbox_message AS mm JOIN mailbox AS b USING (mailbox_id)
              JOIN account_state AS s ON s.account_id = b.account_id AND s.removed_at IS NULL
              LEFT JOIN message AS m ON m.account_id = b.account_id AND m.message_id = mm.message_id
            WHERE m.message_id IS NULL LIMIT 100
            """,
        sentence: { "mailbox \($0.integer(0)): UID \($0.integer(1)) has no message" })

    private static let keptWithoutMessage = Comparison(
        sql: """
            SELECT e.mailbox_id, e.uid FROM expunged AS e
              JOIN account_state AS s ON s.account_id = e.account_id AND s.removed_at IS NULL
              LEFT JOIN message AS m ON m.account_id = e.account_id AND m.message_id = e.message_id
            WHERE m.message_id IS NULL LIMIT 100
            """,
        sentence: { "mailbox \($0.integer(0)): the expunged UID \($0.integer(1)) has no message" })

    private static let messageReferences = Comparison(
        sql: """
            SELECT m.account_id, m.message_id FROM message AS m
              JOIN account_state AS s ON s.account_id = m.account_id AND s.removed_at IS NULL
              LEFT JOIN (SELECT account_id, message_id, sum(n) AS refs FROM (
                SELECT b.account_id, mm.message_id, count(*) AS n FROM mailbox_message AS mm
                  JOIN mailbox AS b USING (mailbox_id) GROUP BY 1, 2
                UNION ALL SELECT account_id, message_id, count(*) FROM expunged GROUP BY 1, 2) GROUP BY 1, 2
              ) AS r ON r.account_id = m.account_id AND r.message_id = m.message_id
            WHERE m.mailbox_refs <> coalesce(r.refs, 0) LIMIT 100
            """,
        sentence: { "account \($0.integer(0)): message \($0.integer(1)) counts its mailboxes wrongly" })

    private static let bodyReferences = Comparison(
        sql: """
            SELECT b.body_id FROM body AS b LEFT JOIN (
              SELECT body_id, sum(n) AS refs FROM (
                SELECT body_id, count(*) AS n FROM message GROUP BY body_id
                UNION ALL SELECT body_id, count(*) FROM queue_message GROUP BY body_id) GROUP BY body_id
            ) AS r USING (body_id) WHERE b.ref_count <> coalesce(r.refs, 0) LIMIT 100
            """,
        sentence: { "body \($0.integer(0)) counts its references wrongly" })

    private static let messagesWithoutBody = Comparison(
        sql: """
            SELECT m.account_id, m.message_id FROM message AS m LEFT JOIN body AS b USING (body_id)
            WHERE b.body_id IS NULL LIMIT 100
            """,
        sentence: { "account \($0.integer(0)): message \($0.integer(1)) has no body" })

    private static let messagesWithoutFacts = Comparison(
        sql: """
            SELECT m.account_id, m.message_id FROM message AS m LEFT JOIN message_facts AS f USING (facts_id)
              LEFT JOIN header_fields AS h USING (facts_id)
            WHERE f.facts_id IS NULL OR h.facts_id IS NULL LIMIT 100
            """,
        sentence: { "account \($0.integer(0)): of message \($0.integer(1)) it is not known what it says" })

    private static let bodiesWithoutSegment = Comparison(
        sql: """
            SELECT b.body_id, b.segment_id FROM body AS b LEFT JOIN segment AS s USING (segment_id)
            WHERE s.segment_id IS NULL OR s.state = 2 OR s.octet_count < b.segment_offset + b.stored_length LIMIT 100
            """,
        sentence: { "body \($0.integer(0)): its segment \(StorePaths.segmentName($0.integer(1))) does not hold it" })

    private static let vanishedAndThere = Comparison(
        sql: """
            SELECT v.mailbox_id, v.first_uid, v.last_uid FROM vanished_run AS v
            WHERE EXISTS (SELECT 1 FROM mailbox_message AS mm
              WHERE mm.mailbox_id = v.mailbox_id AND mm.uid BETWEEN v.first_uid AND v.last_uid) LIMIT 100
            """,
        sentence: {
            "mailbox \($0.integer(0)): UIDs \($0.integer(1)) to \($0.integer(2)) are told as gone and are there"
        })

    private static let overlappingUIDs = Comparison(
        sql: """
            SELECT mm.mailbox_id, mm.uid FROM mailbox_message AS mm JOIN expunged AS e USING (mailbox_id, uid) LIMIT 100
            """,
        sentence: { "mailbox \($0.integer(0)): UID \($0.integer(1)) was given twice" })
}
