internal import Execution
internal import SQLite

/// How often TLS to a domain came about, or why not, on one day: what a report of RFC 8460 is made of.
public struct TLSResult: Hashable, Sendable {
    /// Since 1970-01-01.
    public var day: Int64
    public var domain: String
    /// RFC 8460 §4.4: "tlsa", "sts" or "no-policy-found".
    public var policy: String
    /// "success", or a word of RFC 8460 §4.3.
    public var result: String

    public init(day: Int64, domain: String, policy: String, result: String) {
        self.day = day
        self.domain = domain
        self.policy = policy
        self.result = result
    }
}

extension MessageStore {
    public func countTLSResults(_ results: [TLSResult: Int]) async throws(StoreError) {
        try await write(priority: .bulk) { transaction in
            for (result, count) in results {
                try transaction.execute(
                    """
                    INSERT INTO tls_result VALUES (?1, ?2, ?3, ?4, ?5)
                    ON CONFLICT (day, domain, policy, result) DO UPDATE SET count = count + ?5
                    """, .integer(result.day), .text(result.domain), .text(result.policy), .text(result.result),
                    .integer(count))
            }
        }
    }

    /// Of one day, by domain.
    public func tlsResults(day: Int64) async throws(StoreError) -> [(result: TLSResult, count: Int)] {
        try await read { connection in
            try connection.all(
                "SELECT day, domain, policy, result, count FROM tls_result WHERE day = ? ORDER BY domain, policy, result",
                .integer(day)
            ) { row in
                (
                    TLSResult(day: row.integer(0), domain: row.text(1), policy: row.text(2), result: row.text(3)),
                    Int(row.integer(4))
                )
            }
        }
    }
}
