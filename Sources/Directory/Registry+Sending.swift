public import MailCore
import SQLite

/// What one account may send, over all ways. 0 is no limit.
public struct SendingLimits: Equatable, Sendable {
    public var messagesPerHour = 0
    public var messagesPerDay = 0
    public var recipientsPerHour = 0
    public var recipientsPerDay = 0
    /// Recipients to whom it never wrote before.
    public var strangersPerHour = 0
    public var strangersPerDay = 0

    public init() {}

    /// Nothing needs to be counted.
    public var areNone: Bool { self == SendingLimits() }
}

/// Which limit of an account is reached.
public struct SendingExcess: Equatable, Sendable {
    public enum Unit: String, Sendable {
        case messages, recipients
        case strangers = "new recipients"
    }

    public var unit: Unit
    public var max: Int
    /// 1 or 24.
    public var hours: Int
}

extension Registry {
    /// Addresses that are remembered of one account: beyond, the newest take the place of others.
    static let correspondentsMax = 20_000

    /// Counts a message that an account sends, unless it is one too many.
    ///
    /// Durable when it returns: a restart gives nobody a fresh start. A day is the 24 hours up to now, by whole hours.
    ///
    /// - Parameter unixSeconds: now.
    /// - Returns: the limit that stands in the way; nil when the message was counted.
    public func countSending(
        _ account: AccountID, to recipients: [EmailAddress], limits: SendingLimits, unixSeconds: Int64
    ) async throws(DirectoryError) -> SendingExcess? {
        guard !limits.areNone else { return nil }
        let names = Set(recipients.map { "\(Self.lowered($0))" })
        let hour = unixSeconds / 3_600
        do {
            return try await database.write { transaction in
                let id = Value.integer(account.rawValue)
                let strangers = try names.filter { name in
                    try transaction.integer(
                        "SELECT 1 FROM correspondent WHERE account_id = ? AND address = ?", id, .text(name)) == nil
                }
                let fresh = Sums(messages: 1, recipients: names.count, strangers: strangers.count)
                let inHour = try Self.sums(account, from: hour, transaction) + fresh
                let inDay = try Self.sums(account, from: hour - 23, transaction) + fresh
                if let excess = limits.excess(hour: inHour, day: inDay) { return excess }
                try transaction.execute(
                    """
                    INSERT INTO sent_hour VALUES (?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET messages = messages + 1,
                      recipients = recipients + excluded.recipients, strangers = strangers + excluded.strangers
                    """, id, .integer(hour), .integer(Int64(names.count)), .integer(Int64(strangers.count)))
                try transaction.execute(
                    "DELETE FROM sent_hour WHERE account_id = ? AND hour < ?", id, .integer(hour - 23))
                try Self.remember(strangers, of: id, transaction)
                return nil
            }
        } catch {
            throw DirectoryError(error, "count what is sent")
        }
    }

    /// Takes a message out of the count again, that was not taken.
    public func uncountSending(
        _ account: AccountID, to recipients: [EmailAddress], limits: SendingLimits, unixSeconds: Int64
    ) async throws(DirectoryError) {
        guard !limits.areNone else { return }
        let count = Set(recipients.map { "\(Self.lowered($0))" }).count
        do {
            try await database.write { transaction in
                try transaction.execute(
                    """
                    UPDATE sent_hour SET messages = max(0, messages - 1), recipients = max(0, recipients - ?)
                    WHERE account_id = ? AND hour = ?
                    """, .integer(Int64(count)), .integer(account.rawValue), .integer(unixSeconds / 3_600))
            }
        } catch {
            throw DirectoryError(error, "count what is sent")
        }
    }

    private static func sums(_ account: AccountID, from hour: Int64, _ connection: ReadConnection) throws -> Sums {
        try connection.first(
            """
            SELECT coalesce(sum(messages), 0), coalesce(sum(recipients), 0), coalesce(sum(strangers), 0)
            FROM sent_hour WHERE account_id = ? AND hour >= ?
            """, .integer(account.rawValue), .integer(hour)
        ) { Sums(messages: Int($0.integer(0)), recipients: Int($0.integer(1)), strangers: Int($0.integer(2))) }
            ?? Sums(messages: 0, recipients: 0, strangers: 0)
    }

    private static func remember(
        _ strangers: Set<String>, of account: Value, _ transaction: WriteTransaction
    ) throws {
        guard !strangers.isEmpty else { return }
        let known = try transaction.integer("SELECT count(*) FROM correspondent WHERE account_id = ?", account) ?? 0
        let excess = Int(known) + strangers.count - correspondentsMax
        if excess > 0 {
            try transaction.execute(
                """
                DELETE FROM correspondent WHERE account_id = ?1 AND address IN
                  (SELECT address FROM correspondent WHERE account_id = ?1 LIMIT ?2)
                """, account, .integer(Int64(excess)))
        }
        for name in strangers {
            try transaction.execute("INSERT OR IGNORE INTO correspondent VALUES (?, ?)", account, .text(name))
        }
    }
}

private struct Sums: Sendable {
    var messages: Int
    var recipients: Int
    var strangers: Int

    static func + (left: Sums, right: Sums) -> Sums {
        Sums(
            messages: left.messages + right.messages, recipients: left.recipients + right.recipients,
            strangers: left.strangers + right.strangers)
    }
}

extension SendingLimits {
    fileprivate func excess(hour: Sums, day: Sums) -> SendingExcess? {
        let checks: [(SendingExcess.Unit, Int, Int, Int)] = [
            (.messages, hour.messages, messagesPerHour, 1), (.messages, day.messages, messagesPerDay, 24),
            (.recipients, hour.recipients, recipientsPerHour, 1), (.recipients, day.recipients, recipientsPerDay, 24),
            (.strangers, hour.strangers, strangersPerHour, 1), (.strangers, day.strangers, strangersPerDay, 24),
        ]
        for (unit, sum, max, hours) in checks where max > 0 && sum > max {
            return SendingExcess(unit: unit, max: max, hours: hours)
        }
        return nil
    }
}
