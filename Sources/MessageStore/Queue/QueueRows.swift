internal import MailCore
internal import SQLite

/// The SQL of the queue's rows.
enum QueueRows {
    static func insert(
        _ entry: QueueEntry, _ bodyID: Int64, now: Int64, in transaction: WriteTransaction
    ) throws -> Int64 {
        let id = try StoreInfo.nextQueue(transaction)
        try transaction.execute(
            "INSERT INTO queue_message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", .integer(id), .integer(bodyID),
            .text(entry.reversePath.address?.description ?? ""), .text(entry.options), .integer(now),
            .integer(max(now, entry.notBefore) + entry.expiresAfterSeconds), .integer(entry.needs.rawValue),
            .optional(entry.notification.returned?.rawValue), .optional(entry.notification.envelopeID))
        for recipient in entry.recipients {
            let notification = entry.recipientNotifications[recipient] ?? RecipientNotification()
            try transaction.execute(
                "INSERT OR IGNORE INTO queue_recipient VALUES (?, ?, ?, ?, ?, ?, 0, NULL, ?, ?, ?)", .integer(id),
                .text(recipient.description), .text(recipient.localPart), .text(recipient.domain),
                .integer(entry.holdReason == nil ? 0 : 2), .integer(entry.notBefore), .optional(entry.holdReason),
                .optional(notification.occasions?.rawValue), .optional(notification.original))
            try EventRows.insert(
                entry.holdReason == nil ? .queued : .held, trail: bodyID, address: recipient.description,
                detail: entry.holdReason, transaction)
        }
        return id
    }

    /// One event for each of these recipients.
    static func note(
        _ kind: MessageEvent.Kind, _ keys: [QueueKey], detail: String?, _ transaction: WriteTransaction
    ) throws {
        for key in keys {
            let body = try transaction.integer(
                "SELECT body_id FROM queue_message WHERE queue_id = ?", .integer(key.queueID))
            guard let body else { continue }
            try EventRows.insert(kind, trail: body, address: key.recipient, detail: detail, transaction)
        }
    }

    /// One event for each recipient that a filter means and that is in one of these states.
    static func note(
        _ kind: MessageEvent.Kind, _ filter: QueueFilter, states: ClosedRange<Int64>, detail: String?,
        _ transaction: WriteTransaction
    ) throws {
        let keys = try transaction.all(
            """
            SELECT queue_id, recipient FROM queue_recipient
            WHERE state BETWEEN ?5 AND ?6 AND (?1 IS NULL OR queue_id = ?1) AND (?2 IS NULL OR route_domain = ?2)
              AND (?3 IS NULL OR recipient = ?3) AND (?4 IS NULL OR state = ?4)
            """, .optional(filter.queueID), .optional(filter.routeDomain), .optional(filter.recipient),
            .optional(filter.state?.rawValue), .integer(states.lowerBound), .integer(states.upperBound)
        ) { QueueKey(queueID: $0.integer(0), recipient: $0.text(1)) }
        try note(kind, keys, detail: detail, transaction)
    }

    /// Of the columns that `listing` and the like select.
    static func recipient(_ row: Row) -> QueuedRecipient {
        let reversePath = row.text(8)
        let address = reversePath.lastIndex(of: "@").map { at in
            EmailAddress(
                localPart: unquoted(reversePath[..<at]), domain: String(reversePath[reversePath.index(after: at)...]))
        }
        return QueuedRecipient(
            key: QueueKey(queueID: row.integer(0), recipient: row.text(1)),
            recipient: EmailAddress(localPart: row.text(2), domain: row.text(3)), routeDomain: row.text(3),
            state: QueuedRecipient.State(rawValue: row.integer(4)) ?? .held, nextAttemptAt: row.integer(5),
            attempts: Int(row.integer(6)), lastReply: row.optionalText(7),
            reversePath: address.map { .address($0) } ?? .null, options: row.text(9),
            needs: MessageNeeds(rawValue: row.integer(12)),
            messageNotification: MessageNotification(
                returned: row.optionalText(13).flatMap(MessageNotification.Returned.init),
                envelopeID: row.optionalText(14)),
            notification: RecipientNotification(
                occasions: row.optionalInteger(15).map(RecipientNotification.Occasions.init),
                original: row.optionalText(16)), createdAt: row.integer(10),
            expiresAt: row.integer(11), body: BodyReference(row, from: 17))
    }

    /// The local part of a stored address, its quoting undone.
    private static func unquoted(_ text: Substring) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return String(text) }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if character == "\\" && !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }

    /// Removes recipients; with the last one the message, and its hold on the body.
    static func remove(_ keys: [QueueKey], in transaction: WriteTransaction) throws {
        for key in keys {
            try transaction.execute(
                "DELETE FROM queue_recipient WHERE queue_id = ? AND recipient = ?", .integer(key.queueID),
                .text(key.recipient))
        }
        for id in Set(keys.map(\.queueID)) {
            let body = try transaction.integer(
                """
                DELETE FROM queue_message WHERE queue_id = ?1
                  AND NOT EXISTS (SELECT 1 FROM queue_recipient WHERE queue_id = ?1) RETURNING body_id
                """, .integer(id))
            if let body { try BodyRows.release(body, in: transaction) }
        }
    }
}
