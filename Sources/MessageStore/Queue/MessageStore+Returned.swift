internal import Execution
internal import SQLite

/// What a notice says of one recipient of one message: that it came back after the next server had taken it.
public struct ReturnedDelivery: Equatable, Sendable {
    /// As it was written to, in lower case.
    public var recipient: String
    /// To whom the notice came: the reverse-path of the message, in lower case.
    public var reversePath: String
    /// Of the message, without angle brackets.
    public var messageID: String
    /// When the next server says to have got it, seconds since 1970.
    public var arrivedAt: Int64?
    /// What was said, as a reply.
    public var reply: String

    public init(recipient: String, reversePath: String, messageID: String, arrivedAt: Int64?, reply: String) {
        self.recipient = recipient
        self.reversePath = reversePath
        self.messageID = messageID
        self.arrivedAt = arrivedAt
        self.reply = reply
    }
}

extension MessageStore {
    /// Deliveries that are looked through for one notice, so that nobody makes us work by sending many.
    private static let returnedLookMax = 20_000
    /// Clocks differ so far, and a message is on its way so long.
    private static let arrivalSlackSeconds: Int64 = 3_600

    /// Turns a delivery that a server had taken into one that failed, if there was such a one: of this message, by this
    /// sender, to this recipient, and not turned yet.
    ///
    /// - Returns: whether there was; all else is somebody's invention.
    public func noteReturned(_ returned: ReturnedDelivery) async throws(StoreError) -> Bool {
        let window = returned.arrivedAt.map {
            ($0 &- Self.arrivalSlackSeconds, $0 &+ Self.arrivalSlackSeconds)
        }
        let found = try await read(priority: .bulk) { connection -> Int64? in
            if let window, let found = try Self.delivery(returned, window.0, window.1, connection) { return found }
            return try Self.delivery(returned, 0, Int64.max, connection)
        }
        guard let found else { return false }
        return try await write(priority: .bulk) { transaction in
            let trail = try transaction.integer(
                "UPDATE queue_finished SET outcome = 1, reply = ?1 WHERE finished_id = ?2 AND outcome = 0 RETURNING trail_id",
                .text(returned.reply), .integer(found))
            guard let trail else { return false }
            try EventRows.insert(
                .bounced, trail: trail, address: returned.recipient, detail: "by a notice: \(returned.reply)",
                transaction)
            return true
        }
    }

    private static func delivery(
        _ returned: ReturnedDelivery, _ from: Int64, _ until: Int64, _ connection: ReadConnection
    ) throws -> Int64? {
        try connection.integer(
            """
            SELECT f.finished_id FROM (
              SELECT finished_id, trail_id, recipient, reverse_path, outcome FROM queue_finished
              WHERE finished_at BETWEEN ?1 AND ?2 ORDER BY finished_at DESC LIMIT ?3) AS f
            JOIN trail AS t ON t.trail_id = f.trail_id
            WHERE f.outcome = 0 AND lower(f.recipient) = ?4 AND lower(f.reverse_path) = ?5 AND t.message_id = ?6 LIMIT 1
            """, .integer(from), .integer(until), .integer(returnedLookMax), .text(returned.recipient),
            .text(returned.reversePath), .text(returned.messageID))
    }
}
