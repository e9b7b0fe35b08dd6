internal import Execution
public import MailCore
internal import SQLite

/// One recipient that is done with.
public struct FinishedDelivery: Sendable {
    public enum Outcome: Int64, Sendable {
        case sent = 0
        /// Given up.
        case bounced = 1
        /// By command.
        case dropped = 2
    }

    public var queueID: Int64
    public var recipient: String
    public var reversePath: ReversePath
    public var outcome: Outcome
    /// Attempts that failed before.
    public var attempts: Int
    /// Times are seconds since 1970.
    public var queuedAt: Int64
    public var finishedAt: Int64
    public var reply: String
}

enum FinishedRows {
    /// Copies rows of the queue before they go.
    static func keep(
        _ keys: [QueueKey], _ outcome: FinishedDelivery.Outcome, reply: String, now: Int64,
        _ transaction: WriteTransaction
    ) throws {
        for key in keys {
            try transaction.execute(
                """
                INSERT INTO queue_finished
                SELECT NULL, ?1, r.queue_id, m.body_id, r.recipient, r.route_domain, m.reverse_path, ?2, r.attempts,
                  m.created_at, ?3
                FROM queue_recipient AS r JOIN queue_message AS m ON m.queue_id = r.queue_id
                WHERE r.queue_id = ?4 AND r.recipient = ?5
                """, .integer(now), .integer(outcome.rawValue), .text(reply), .integer(key.queueID),
                .text(key.recipient))
        }
    }
}

extension MessageStore {
    /// Deliveries that are over, the newest first.
    ///
    /// - Parameters:
    ///   - filter: its `state` is no condition here; `queuedBefore` is.
    ///   - limit: at most 10,000 are given.
    public func finishedDeliveries(
        _ filter: QueueFilter = QueueFilter(), outcome: FinishedDelivery.Outcome? = nil, limit: Int
    ) async throws(StoreError) -> [FinishedDelivery] {
        try await read { connection in
            try connection.all(
                """
                SELECT queue_id, recipient, reverse_path, outcome, attempts, created_at, finished_at, reply
                FROM queue_finished
                WHERE (?1 IS NULL OR queue_id = ?1) AND (?2 IS NULL OR route_domain = ?2)
                  AND (?3 IS NULL OR recipient = ?3) AND (?4 IS NULL OR lower(reverse_path) = ?4)
                  AND (?5 IS NULL OR instr(reply, ?5) > 0) AND (?6 IS NULL OR created_at < ?6)
                  AND (?7 IS NULL OR outcome = ?7)
                ORDER BY finished_id DESC LIMIT ?8
                """, .optional(filter.queueID), .optional(filter.routeDomain), .optional(filter.recipient),
                .optional(filter.sender), .optional(filter.replyPart), .optional(filter.queuedBefore),
                .optional(outcome?.rawValue), .integer(min(max(0, limit), 10_000))
            ) { row in
                FinishedDelivery(
                    queueID: row.integer(0), recipient: row.text(1), reversePath: QueueRows.reversePath(row.text(2)),
                    outcome: FinishedDelivery.Outcome(rawValue: row.integer(3)) ?? .bounced,
                    attempts: Int(row.integer(4)), queuedAt: row.integer(5), finishedAt: row.integer(6),
                    reply: row.text(7))
            }
        }
    }

    /// Forgets deliveries that were over before this time, and suppressions that have ended.
    func purgeFinished(before horizon: Int64, now: Int64) async throws(StoreError) {
        while true {
            let removed = try await write(priority: .bulk) { transaction in
                try transaction.execute("DELETE FROM suppression WHERE expires_at <= ?", .integer(now))
                try transaction.execute("DELETE FROM tls_result WHERE day < ?", .integer(horizon / 86_400))
                return try transaction.execute(
                    """
                    DELETE FROM queue_finished WHERE finished_id IN
                      (SELECT finished_id FROM queue_finished WHERE finished_at < ? ORDER BY finished_at LIMIT 1000)
                    """, .integer(horizon))
            }
            if removed < 1_000 { return }
        }
    }
}
