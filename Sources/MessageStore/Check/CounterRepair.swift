internal import MailCore
internal import SQLite

/// Counts anew what the index counts along.
enum CounterRepair {
    /// An account's mailboxes, then the account, what it keeps, and its domain. Returns whether anything was wrong.
    static func recount(_ account: AccountID, _ transaction: WriteTransaction) throws -> Bool {
        let id = Value.integer(account.rawValue)
        var changed = 0
        changed += try transaction.execute(
            """
            UPDATE mailbox SET message_count = r.messages, unseen_count = r.unseen, deleted_count = r.deleted,
              octet_count = r.octets, uid_next = max(mailbox.uid_next, r.uid_next),
              highest_mod_seq = max(mailbox.highest_mod_seq, r.mod_seq)
            FROM (SELECT m.mailbox_id AS id, count(mm.uid) AS messages, coalesce(sum(mm.flags & 1 = 0), 0) AS unseen,
                coalesce(sum(mm.flags & 8 <> 0), 0) AS deleted, coalesce(sum(mm.size), 0) AS octets,
                coalesce(max(mm.uid) + 1, 1) AS uid_next, coalesce(max(mm.mod_seq), 0) AS mod_seq
              FROM mailbox AS m LEFT JOIN mailbox_message AS mm USING (mailbox_id)
              WHERE m.account_id = ? GROUP BY m.mailbox_id) AS r
            WHERE mailbox_id = r.id AND (message_count <> r.messages OR unseen_count <> r.unseen
              OR deleted_count <> r.deleted OR octet_count <> r.octets OR mailbox.uid_next < r.uid_next
              OR highest_mod_seq < r.mod_seq)
            """, id)
        changed += try transaction.execute(
            """
            UPDATE account_state SET used_octets = r.octets, used_messages = r.messages, kept_octets = r.kept,
              mod_seq = max(account_state.mod_seq, r.mod_seq)
            FROM (SELECT coalesce(sum(octet_count), 0) AS octets, coalesce(sum(message_count), 0) AS messages,
                coalesce(max(highest_mod_seq), 0) AS mod_seq,
                (SELECT coalesce(sum(size), 0) FROM expunged WHERE account_id = ?1) AS kept
              FROM mailbox WHERE account_id = ?1) AS r
            WHERE account_id = ?1 AND (used_octets <> r.octets OR used_messages <> r.messages
              OR kept_octets <> r.kept OR account_state.mod_seq < r.mod_seq)
            """, id)
        changed += try transaction.execute(
            """
            UPDATE domain_state SET used_octets = r.octets, used_messages = r.messages
            FROM (SELECT domain_id AS id, coalesce(sum(used_octets), 0) AS octets,
                coalesce(sum(used_messages), 0) AS messages FROM account_state
              WHERE removed_at IS NULL AND domain_id = (SELECT domain_id FROM account_state WHERE account_id = ?)
            ) AS r
            WHERE domain_id = r.id AND (used_octets <> r.octets OR used_messages <> r.messages)
            """, id)
        return changed > 0
    }

    /// The holds that an account's messages count. Returns how many were wrong.
    static func recountReferences(_ account: AccountID, _ transaction: WriteTransaction) throws -> Int {
        try transaction.execute(
            """
            UPDATE message SET mailbox_refs = r.refs
            FROM (SELECT m.message_id AS id, coalesce(c.n, 0) + coalesce(e.n, 0) AS refs
              FROM message AS m LEFT JOIN (
                SELECT mm.message_id, count(*) AS n FROM mailbox AS b JOIN mailbox_message AS mm USING (mailbox_id)
                WHERE b.account_id = ?1 GROUP BY 1) AS c ON c.message_id = m.message_id
                LEFT JOIN (SELECT message_id, count(*) AS n FROM expunged WHERE account_id = ?1 GROUP BY 1) AS e
                ON e.message_id = m.message_id
              WHERE m.account_id = ?1) AS r
            WHERE account_id = ?1 AND message_id = r.id AND mailbox_refs <> r.refs
            """, .integer(account.rawValue))
    }

    /// The holds that all bodies count, and the dead octets of segments. Returns how many were wrong.
    static func recountBodies(_ transaction: WriteTransaction) throws -> Int {
        var changed = try transaction.execute(
            """
            UPDATE body SET ref_count = r.refs
            FROM (SELECT b.body_id AS id, coalesce(h.refs, 0) AS refs FROM body AS b LEFT JOIN (
                SELECT body_id, sum(n) AS refs FROM (
                  SELECT body_id, count(*) AS n FROM message GROUP BY body_id
                  UNION ALL SELECT body_id, count(*) FROM queue_message GROUP BY body_id) GROUP BY body_id
              ) AS h USING (body_id)) AS r
            WHERE body_id = r.id AND ref_count <> r.refs
            """)
        // What nobody holds is dead.
        let unheld = try transaction.all("SELECT body_id FROM body WHERE ref_count <= 0") { $0.integer(0) }
        for body in unheld { try BodyRows.release(body, count: 0, in: transaction) }
        changed += unheld.count
        return changed
    }
}
