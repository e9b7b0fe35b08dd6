internal import MailCore
internal import SQLite

/// What is held when it is queued, until it is released by command.
public struct QueueRule: Sendable, Equatable {
    public var id: Int64
    /// In lower case; an address, or "@domain" for all of a domain. Nil matches all.
    public var sender: String?
    public var recipientDomain: String?
    /// In lower case.
    public var recipient: String?
    public var reason: String
    /// Seconds since 1970.
    public var createdAt: Int64

    public init(
        id: Int64 = 0, sender: String? = nil, recipientDomain: String? = nil, recipient: String? = nil, reason: String,
        createdAt: Int64 = 0
    ) {
        self.id = id
        self.sender = sender
        self.recipientDomain = recipientDomain
        self.recipient = recipient
        self.reason = reason
        self.createdAt = createdAt
    }

    func matches(_ reversePath: String, _ to: EmailAddress) -> Bool {
        let from = reversePath.lowercased()
        let isSender = sender.map { $0.hasPrefix("@") ? from.hasSuffix($0) : from == $0 } ?? true
        return isSender && (recipientDomain.map { $0 == to.domain } ?? true)
            && (recipient.map { $0 == to.description.lowercased() } ?? true)
    }
}

enum QueueRuleRows {
    static func all(_ connection: ReadConnection) throws -> [QueueRule] {
        try connection.all(
            "SELECT rule_id, reverse_path, route_domain, recipient, reason, created_at FROM queue_rule ORDER BY rule_id"
        ) { row in
            QueueRule(
                id: row.integer(0), sender: row.optionalText(1), recipientDomain: row.optionalText(2),
                recipient: row.optionalText(3), reason: row.text(4), createdAt: row.integer(5))
        }
    }
}

extension MessageStore {
    public static let queueRulesMax = 1_000

    public func queueRules() async throws(StoreError) -> [QueueRule] {
        try await read { try QueueRuleRows.all($0) }
    }

    /// - Returns: its number; nil when there are `queueRulesMax`.
    public func addQueueRule(_ rule: QueueRule) async throws(StoreError) -> Int64? {
        try await write { transaction in
            let count = try transaction.integer("SELECT count(*) FROM queue_rule") ?? 0
            guard count < Self.queueRulesMax else { return nil }
            try transaction.execute(
                "INSERT INTO queue_rule VALUES (NULL, ?, ?, ?, ?, ?)", .optional(rule.sender),
                .optional(rule.recipientDomain), .optional(rule.recipient), .text(rule.reason),
                .integer(rule.createdAt))
            return transaction.lastInsertedID
        }
    }

    /// - Returns: whether there was one of that number.
    public func removeQueueRule(_ id: Int64) async throws(StoreError) -> Bool {
        try await write { try $0.execute("DELETE FROM queue_rule WHERE rule_id = ?", .integer(id)) == 1 }
    }
}
