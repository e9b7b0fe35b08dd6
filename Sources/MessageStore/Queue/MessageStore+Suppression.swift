public import MailCore
internal import SQLite

/// An address that is not written to.
public struct Suppression: Equatable, Sendable {
    /// In lower case.
    public var address: String
    /// Times are seconds since 1970.
    public var since: Int64
    /// Nil: for ever.
    public var expiresAt: Int64?
    /// A word: "no-mailbox", "by-command" …
    public var reason: String
    /// What the other server said.
    public var detail: String

    public init(address: String, since: Int64, expiresAt: Int64?, reason: String, detail: String) {
        self.address = address
        self.since = since
        self.expiresAt = expiresAt
        self.reason = reason
        self.detail = detail
    }
}

extension MessageStore {
    /// Ascending by address; the next page begins behind `after`.
    public func suppressions(after: String = "", limit: Int = 1_000) async throws(StoreError) -> [Suppression] {
        try await read { connection in
            try connection.all(
                """
                SELECT address, since, expires_at, reason, detail FROM suppression WHERE address > ? ORDER BY address
                LIMIT ?
                """, .text(after), .integer(min(max(0, limit), 10_000)), row: Self.suppression)
        }
    }

    /// Those of these addresses that are not to be written to now.
    public func suppressed(_ addresses: [EmailAddress], now: Int64) async throws(StoreError) -> [EmailAddress:
        Suppression]
    {
        try await read { connection in
            var found: [EmailAddress: Suppression] = [:]
            for address in addresses {
                found[address] = try connection.first(
                    """
                    SELECT address, since, expires_at, reason, detail FROM suppression
                    WHERE address = ? AND (expires_at IS NULL OR expires_at > ?)
                    """, .text(address.description.lowercased()), .integer(now), row: Self.suppression)
            }
            return found
        }
    }

    /// Adds or replaces; what was suppressed by command stays as it is.
    public func suppress(_ all: [Suppression]) async throws(StoreError) {
        try await write { transaction in
            for one in all {
                try transaction.execute(
                    """
                    INSERT INTO suppression VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (address) DO UPDATE
                    SET since = ?2, expires_at = ?3, reason = ?4, detail = ?5
                    WHERE suppression.expires_at IS NOT NULL OR ?3 IS NULL
                    """, .text(one.address.lowercased()), .integer(one.since), .optional(one.expiresAt),
                    .text(one.reason), .text(one.detail))
            }
        }
    }

    /// - Returns: whether it was there.
    public func unsuppress(_ address: String) async throws(StoreError) -> Bool {
        try await write {
            try $0.execute("DELETE FROM suppression WHERE address = ?", .text(address.lowercased())) == 1
        }
    }

    private static func suppression(_ row: Row) -> Suppression {
        Suppression(
            address: row.text(0), since: row.integer(1), expiresAt: row.optionalInteger(2), reason: row.text(3),
            detail: row.text(4))
    }
}
