internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    public func keywords(of account: AccountID) async throws(StoreError) -> Keywords {
        try await read { try KeywordRows.all(of: account, $0) }
    }

    /// Gives bits to names that have none yet. Names differ in more than case. When all are taken, those that no message
    /// bears any more are freed first.
    ///
    /// - Returns: all keywords of the account, the new ones included.
    /// - Throws: `keywordLimit` when 47 do not suffice; then none is made.
    public func makeKeywords(_ names: [String], account: AccountID) async throws(StoreError) -> Keywords {
        let known = try await keywords(of: account)
        guard names.contains(where: { known.flag(named: $0) == nil }) else { return known }
        return try await write { transaction in
            var keywords = try KeywordRows.all(of: account, transaction)
            for name in names where keywords.flag(named: name) == nil {
                var bit = keywords.freeBit
                if bit == nil {
                    keywords = try KeywordRows.free(of: account, keeping: names, keywords, transaction)
                    bit = keywords.freeBit
                }
                guard let bit else { throw StoreError.keywordLimit }
                try transaction.execute(
                    "INSERT INTO keyword VALUES (?, ?, ?)", .integer(account.rawValue), .integer(bit), .text(name))
                keywords.add(name, bit: bit)
            }
            return keywords
        }
    }
}

enum KeywordRows {
    static func all(of account: AccountID, _ connection: ReadConnection) throws -> Keywords {
        var keywords = Keywords()
        keywords.version =
            try connection.integer(
                "SELECT keyword_version FROM account_state WHERE account_id = ?", .integer(account.rawValue)) ?? 0
        try connection.query("SELECT bit, name FROM keyword WHERE account_id = ?", .integer(account.rawValue)) {
            keywords.add($0.text(1), bit: Int($0.integer(0)))
        }
        return keywords
    }

    /// Takes the bits of keywords that no message bears, but for those that are about to be set.
    ///
    /// Goes through all messages of the account that bear any; only when all 47 are given out. Sessions learn by the
    /// version that a bit may mean something else now.
    static func free(
        of account: AccountID, keeping names: [String], _ keywords: Keywords, _ transaction: WriteTransaction
    ) throws -> Keywords {
        var borne = names.reduce(into: Flags()) { if let flag = keywords.flag(named: $1) { $0.insert(flag) } }
        try transaction.query(
            """
            SELECT DISTINCT flags FROM mailbox_message
            WHERE mailbox_id IN (SELECT mailbox_id FROM mailbox WHERE account_id = ?) AND flags >= 65536
            """, .integer(account.rawValue)
        ) { borne.insert(Flags(rawValue: $0.integer(0))) }
        let bits = Flags.keywordBits.filter { !borne.contains(Flags(rawValue: 1 << Int64($0))) }
        guard !bits.isEmpty else { return keywords }
        for bit in bits {
            try transaction.execute(
                "DELETE FROM keyword WHERE account_id = ? AND bit = ?", .integer(account.rawValue), .integer(bit))
        }
        // What is brought back must not bear a name that it never had.
        let freed = bits.reduce(into: Flags()) { $0.insert(Flags(rawValue: 1 << Int64($1))) }
        try transaction.execute(
            "UPDATE expunged SET flags = flags & ~?1 WHERE account_id = ?2 AND flags & ?1 <> 0",
            .integer(freed.rawValue), .integer(account.rawValue))
        try transaction.execute(
            "UPDATE account_state SET keyword_version = keyword_version + 1 WHERE account_id = ?",
            .integer(account.rawValue))
        return try all(of: account, transaction)
    }

    /// Refuses bits whose meaning changed since the caller learned them.
    static func check(
        _ flags: Flags, version: Int64?, of account: AccountID, _ connection: ReadConnection
    ) throws {
        guard let version, flags.rawValue >= 1 << Int64(Flags.keywordBits.lowerBound) else { return }
        let now = try connection.integer(
            "SELECT keyword_version FROM account_state WHERE account_id = ?", .integer(account.rawValue))
        guard now == version else { throw StoreError.keywordsChanged }
    }
}
