internal import MailCore
internal import SQLite

/// What OutboundQueue drives. Times are seconds since 1970.
extension MessageStore {
    /// Recipients of one priority that wait and are due, the longest waiting first.
    public func dueQueue(
        _ priority: QueuePriority = .person, now: Int64, limit: Int
    ) async throws(StoreError) -> [QueuedRecipient] {
        try await read { connection in
            try connection.all(
                """
                SELECT r.queue_id, r.recipient, r.local_part, r.route_domain, r.state, r.next_attempt_at, r.attempts,
                  r.last_reply, m.reverse_path, m.options, m.created_at, m.expires_at, m.needs, m.dsn_return,
                  m.dsn_envelope_id, r.dsn_notify, r.dsn_original, b.body_id, b.raw_length, b.digest,
                  b.segment_id, b.segment_offset, b.stored_length, b.codec, r.priority, r.delay_told_at, r.route
                FROM queue_recipient AS r JOIN queue_message AS m ON m.queue_id = r.queue_id
                  JOIN body AS b ON b.body_id = m.body_id
                WHERE r.state = 0 AND r.priority = ? AND r.next_attempt_at <= ? ORDER BY r.next_attempt_at LIMIT ?
                """, .integer(priority.rawValue), .integer(now), .integer(max(0, limit)), row: QueueRows.recipient)
        }
    }

    /// When the next waiting recipient is due; nil when none waits.
    public func nextQueueDue() async throws(StoreError) -> Int64? {
        try await read { connection in
            try QueuePriority.allCases.compactMap { priority in
                try connection.integer(
                    "SELECT min(next_attempt_at) FROM queue_recipient WHERE state = 0 AND priority = ?",
                    .integer(priority.rawValue))
            }.min()
        }
    }

    /// Takes waiting recipients for one attempt.
    ///
    /// - Parameter until: when the lease is worth nothing any more; it ends at the next start in any case.
    /// - Returns: those that are the caller's now.
    public func leaseQueue(_ keys: [QueueKey], owner: String, until: Int64) async throws(StoreError) -> [QueueKey] {
        try await write { transaction in
            try keys.filter { key in
                try transaction.execute(
                    """
                    UPDATE queue_recipient SET state = 1, lease_owner = ?, next_attempt_at = ?
                    WHERE queue_id = ? AND recipient = ? AND state = 0
                    """, .text(owner), .integer(until), .integer(key.queueID), .text(key.recipient)) == 1
            }
        }
    }

    /// Sent, or given up: the recipient goes; with the last one of a message its row and its hold on the body.
    ///
    /// - Parameters:
    ///   - isSent: false: given up, and the sender was told.
    ///   - reply: the other server's last word, for the trail.
    ///   - host: that server, and how it proved who it is; nil when no server said so.
    public func finishQueue(
        _ keys: [QueueKey], isSent: Bool, reply: String, by host: String? = nil
    ) async throws(StoreError) {
        try await write { transaction in
            try QueueRows.note(isSent ? .sent : .bounced, keys, detail: Self.told(reply, by: host), transaction)
            try FinishedRows.keep(keys, isSent ? .sent : .bounced, reply: reply, now: Clock.now(), transaction)
            try QueueRows.remove(keys, in: transaction)
            // Who takes mail is not dead; what was suppressed by command stays so.
            for key in keys where isSent {
                try transaction.execute(
                    "DELETE FROM suppression WHERE address = ? AND expires_at IS NOT NULL",
                    .text(key.recipient.lowercased()))
            }
        }
    }

    private static func told(_ reply: String?, by host: String?) -> String? {
        reply.map { reply in host.map { "\(reply), by \($0)" } ?? reply }
    }

    /// Counts an attempt that failed for now, and ends the lease.
    ///
    /// - Parameter host: who said so; nil when no server did.
    public func rescheduleQueue(
        _ keys: [QueueKey], at: Int64, lastReply: String?, by host: String? = nil
    ) async throws(StoreError) {
        try await write { [hub] transaction in
            try QueueRows.note(.attempted, keys, detail: Self.told(lastReply, by: host), transaction)
            for key in keys {
                try transaction.execute(
                    """
                    UPDATE queue_recipient SET state = 0, lease_owner = NULL, attempts = attempts + 1,
                      next_attempt_at = ?, last_reply = ?
                    WHERE queue_id = ? AND recipient = ?
                    """, .integer(at), .optional(lastReply), .integer(key.queueID), .text(key.recipient))
            }
            transaction.afterCommit { hub.queueChanged() }
        }
    }

    /// Notes that the sender was told of the delay, so that he is told once.
    public func noteDelayTold(_ keys: [QueueKey], at: Int64) async throws(StoreError) {
        try await write { transaction in
            for key in keys {
                try transaction.execute(
                    "UPDATE queue_recipient SET delay_told_at = ? WHERE queue_id = ? AND recipient = ?", .integer(at),
                    .integer(key.queueID), .text(key.recipient))
            }
        }
    }

    /// Gives leases back without counting an attempt: due from `now` on.
    public func releaseQueue(_ keys: [QueueKey], now: Int64) async throws(StoreError) {
        try await write { [hub] transaction in
            for key in keys {
                try transaction.execute(
                    """
                    UPDATE queue_recipient SET state = 0, lease_owner = NULL, next_attempt_at = ?
                    WHERE queue_id = ? AND recipient = ? AND state = 1
                    """, .integer(now), .integer(key.queueID), .text(key.recipient))
            }
            transaction.afterCommit { hub.queueChanged() }
        }
    }

    /// Ascending by key; the next page begins behind `after`.
    public func listQueue(
        _ filter: QueueFilter = QueueFilter(), after: QueueKey? = nil, limit: Int = 1_000
    ) async throws(StoreError) -> [QueuedRecipient] {
        try await read { connection in
            try connection.all(
                """
                SELECT r.queue_id, r.recipient, r.local_part, r.route_domain, r.state, r.next_attempt_at, r.attempts,
                  r.last_reply, m.reverse_path, m.options, m.created_at, m.expires_at, m.needs, m.dsn_return,
                  m.dsn_envelope_id, r.dsn_notify, r.dsn_original, b.body_id, b.raw_length, b.digest,
                  b.segment_id, b.segment_offset, b.stored_length, b.codec, r.priority, r.delay_told_at, r.route
                FROM queue_recipient AS r JOIN queue_message AS m ON m.queue_id = r.queue_id
                  JOIN body AS b ON b.body_id = m.body_id
                WHERE (r.queue_id, r.recipient) > (?8, ?9) AND (?1 IS NULL OR r.queue_id = ?1)
                  AND (?2 IS NULL OR r.route_domain = ?2) AND (?3 IS NULL OR r.recipient = ?3)
                  AND (?4 IS NULL OR r.state = ?4) AND (?5 IS NULL OR lower(m.reverse_path) = ?5)
                  AND (?6 IS NULL OR instr(r.last_reply, ?6) > 0) AND (?7 IS NULL OR m.created_at < ?7)
                ORDER BY r.queue_id, r.recipient LIMIT ?10
                """, .optional(filter.queueID), .optional(filter.routeDomain), .optional(filter.recipient),
                .optional(filter.state?.rawValue), .optional(filter.sender), .optional(filter.replyPart),
                .optional(filter.queuedBefore), .integer(after?.queueID ?? 0), .text(after?.recipient ?? ""),
                .integer(min(max(0, limit), 10_000)), row: QueueRows.recipient)
        }
    }

    public func queueCounts() async throws(StoreError) -> QueueCounts {
        try await read { connection in
            var counts = QueueCounts(messages: 0, waiting: 0, leased: 0, held: 0)
            counts.messages = Int(try connection.integer("SELECT count(*) FROM queue_message") ?? 0)
            try connection.query("SELECT state, count(*) FROM queue_recipient GROUP BY state") { row in
                switch QueuedRecipient.State(rawValue: row.integer(0)) {
                case .waiting: counts.waiting = Int(row.integer(1))
                case .leased: counts.leased = Int(row.integer(1))
                case .held, nil: counts.held += Int(row.integer(1))
                }
            }
            return counts
        }
    }
}
