internal import MailCore
internal import SQLite

/// The SQL of the queue's rows.
enum QueueRows {
    static func insert(
        _ entry: QueueEntry, _ bodyID: Int64, now: Int64, in transaction: WriteTransaction
    ) throws -> Int64 {
        let id = try StoreInfo.nextQueue(transaction)
        let reversePath = entry.reversePath.address?.description ?? ""
        try transaction.execute(
            "INSERT INTO queue_message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", .integer(id), .integer(bodyID),
            .text(reversePath), .text(entry.options), .integer(now),
            .integer(max(now, entry.notBefore) + entry.expiresAfterSeconds), .integer(entry.needs.rawValue),
            .optional(entry.notification.returned?.rawValue), .optional(entry.notification.envelopeID))
        let rules = try QueueRuleRows.all(transaction)
        for recipient in entry.recipients {
            let hold =
                entry.holdReason ?? rules.first { $0.matches(reversePath, recipient) }.map { "rule: \($0.reason)" }
            let notification = entry.recipientNotifications[recipient] ?? RecipientNotification()
            try transaction.execute(
                "INSERT OR IGNORE INTO queue_recipient VALUES (?, ?, ?, ?, ?, ?, 0, NULL, ?, ?, ?, ?, NULL, NULL)",
                .integer(id), .text(recipient.description), .text(recipient.localPart), .text(recipient.domain),
                .integer(hold == nil ? 0 : 2), .integer(entry.notBefore), .optional(hold),
                .optional(notification.occasions?.rawValue), .optional(notification.original),
                .integer(entry.priority.rawValue))
            try EventRows.insert(
                hold == nil ? .queued : .held, trail: bodyID, address: recipient.description, detail: hold, transaction)
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

    /// The next recipients that a filter means, ascending.
    static func keys(
        _ filter: QueueFilter, after: QueueKey?, limit: Int, _ connection: ReadConnection
    ) throws -> [QueueKey] {
        try connection.all(
            """
            SELECT r.queue_id, r.recipient FROM queue_recipient AS r JOIN queue_message AS m ON m.queue_id = r.queue_id
            WHERE (r.queue_id, r.recipient) > (?8, ?9) AND (?1 IS NULL OR r.queue_id = ?1)
              AND (?2 IS NULL OR r.route_domain = ?2) AND (?3 IS NULL OR r.recipient = ?3)
              AND (?4 IS NULL OR r.state = ?4) AND (?5 IS NULL OR lower(m.reverse_path) = ?5)
              AND (?6 IS NULL OR instr(r.last_reply, ?6) > 0) AND (?7 IS NULL OR m.created_at < ?7)
            ORDER BY r.queue_id, r.recipient LIMIT ?10
            """, .optional(filter.queueID), .optional(filter.routeDomain), .optional(filter.recipient),
            .optional(filter.state?.rawValue), .optional(filter.sender), .optional(filter.replyPart),
            .optional(filter.queuedBefore), .integer(after?.queueID ?? 0), .text(after?.recipient ?? ""),
            .integer(limit)
        ) { QueueKey(queueID: $0.integer(0), recipient: $0.text(1)) }
    }

    /// Of the columns that listings select.
    static func recipient(_ row: Row) -> QueuedRecipient {
        QueuedRecipient(
            key: QueueKey(queueID: row.integer(0), recipient: row.text(1)),
            recipient: EmailAddress(localPart: row.text(2), domain: row.text(3)), routeDomain: row.text(3),
            state: QueuedRecipient.State(rawValue: row.integer(4)) ?? .held, nextAttemptAt: row.integer(5),
            attempts: Int(row.integer(6)), lastReply: row.optionalText(7),
            reversePath: reversePath(row.text(8)), options: row.text(9),
            needs: MessageNeeds(rawValue: row.integer(12)),
            messageNotification: MessageNotification(
                returned: row.optionalText(13).flatMap(MessageNotification.Returned.init),
                envelopeID: row.optionalText(14)),
            notification: RecipientNotification(
                occasions: row.optionalInteger(15).map(RecipientNotification.Occasions.init),
                original: row.optionalText(16)), createdAt: row.integer(10), expiresAt: row.integer(11),
            body: BodyReference(row, from: 17), priority: QueuePriority(rawValue: row.integer(24)) ?? .person,
            delayToldAt: row.optionalInteger(25), route: row.optionalText(26))
    }

    static func reversePath(_ text: String) -> ReversePath {
        guard let at = text.lastIndex(of: "@") else { return .null }
        return .address(
            EmailAddress(localPart: unquoted(text[..<at]), domain: String(text[text.index(after: at)...])))
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
