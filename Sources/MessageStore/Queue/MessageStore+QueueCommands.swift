internal import MailCore
internal import SQLite

/// What an operator does with queued mail. A page at a time, so that the rest of the server is not kept waiting.
extension MessageStore {
    private static let queuePageMax = 1_000

    /// Holds what waits: nothing is tried until it is released. Returns how many.
    public func holdQueue(_ filter: QueueFilter, reason: String) async throws(StoreError) -> Int {
        try await forEachQueued(filter) { key, transaction in
            let held = try transaction.execute(
                "UPDATE queue_recipient SET state = 2, last_reply = ? WHERE queue_id = ? AND recipient = ? AND state = 0",
                .text(reason), .integer(key.queueID), .text(key.recipient))
            if held == 1 { try QueueRows.note(.held, [key], detail: reason, transaction) }
            return held == 1
        }
    }

    /// Lets held mail go on. Returns how many.
    public func letGoQueue(_ filter: QueueFilter, now: Int64) async throws(StoreError) -> Int {
        try await forEachQueued(filter) { key, transaction in
            let released = try transaction.execute(
                """
                UPDATE queue_recipient SET state = 0, next_attempt_at = ? WHERE queue_id = ? AND recipient = ? AND state = 2
                """, .integer(now), .integer(key.queueID), .text(key.recipient))
            if released == 1 { try QueueRows.note(.released, [key], detail: nil, transaction) }
            return released == 1
        }
    }

    /// Makes what waits or is held due now. Returns how many.
    public func retryQueue(_ filter: QueueFilter, now: Int64) async throws(StoreError) -> Int {
        try await forEachQueued(filter) { key, transaction in
            let wasHeld = try transaction.integer(
                "SELECT 1 FROM queue_recipient WHERE queue_id = ? AND recipient = ? AND state = 2",
                .integer(key.queueID), .text(key.recipient))
            let isRetried = try transaction.execute(
                """
                UPDATE queue_recipient SET state = 0, next_attempt_at = ?
                WHERE queue_id = ? AND recipient = ? AND state IN (0, 2)
                """, .integer(now), .integer(key.queueID), .text(key.recipient))
            if wasHeld != nil { try QueueRows.note(.released, [key], detail: nil, transaction) }
            return isRetried == 1
        }
    }

    /// Takes mail out of the queue without a word to anybody; what is being sent just now stays. Returns how many.
    public func dropQueue(_ filter: QueueFilter, reason: String) async throws(StoreError) -> Int {
        try await forEachQueued(filter) { key, transaction in
            let isIdle = try transaction.integer(
                "SELECT 1 FROM queue_recipient WHERE queue_id = ? AND recipient = ? AND state IN (0, 2)",
                .integer(key.queueID), .text(key.recipient))
            guard isIdle != nil else { return false }
            try QueueRows.note(.dropped, [key], detail: reason, transaction)
            try FinishedRows.keep([key], .dropped, reply: reason, now: Clock.now(), transaction)
            try QueueRows.remove([key], in: transaction)
            return true
        }
    }

    /// Sends queued mail another way, from its next attempt on, which is now. Returns how many.
    ///
    /// - Parameter route: in OutboundQueue's words; nil: as configured again.
    public func rerouteQueue(_ filter: QueueFilter, route: String?, now: Int64) async throws(StoreError) -> Int {
        try await forEachQueued(filter) { key, transaction in
            let isChanged = try transaction.execute(
                """
                UPDATE queue_recipient SET route = ?1, next_attempt_at = CASE state WHEN 0 THEN ?2 ELSE next_attempt_at END
                WHERE queue_id = ?3 AND recipient = ?4 AND state IN (0, 2)
                """, .optional(route), .integer(now), .integer(key.queueID), .text(key.recipient))
            if isChanged == 1 { try QueueRows.note(.rerouted, [key], detail: route, transaction) }
            return isChanged == 1
        }
    }

    /// - Parameter act: returns whether it did something.
    private func forEachQueued(
        _ filter: QueueFilter, _ act: @escaping @Sendable (QueueKey, WriteTransaction) throws -> Bool
    ) async throws(StoreError) -> Int {
        var count = 0
        var after: QueueKey?
        while true {
            let from = after ?? filter.queueID.map { QueueKey(queueID: $0, recipient: "") }
            let page = try await write { [hub] transaction in
                let keys = try QueueRows.keys(filter, after: from, limit: Self.queuePageMax, transaction)
                transaction.afterCommit { hub.queueChanged() }
                return (
                    last: keys.last, full: keys.count == Self.queuePageMax,
                    done: try keys.filter { try act($0, transaction) }.count
                )
            }
            count += page.done
            guard page.full, let last = page.last else { return count }
            after = last
        }
    }
}
