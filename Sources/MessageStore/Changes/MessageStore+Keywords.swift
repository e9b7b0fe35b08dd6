public import MailCore
internal import SQLite

extension MessageStore {
    public func keywords(of account: AccountID) async throws(StoreError) -> Keywords {
        try await read { try Self.keywords(of: account, $0) }
    }

    /// Gives bits to names that have none yet. Names differ in more than case.
    ///
    /// - Returns: all keywords of the account, the new ones included.
    /// - Throws: `keywordLimit` when 47 do not suffice; then none is made.
    public func makeKeywords(_ names: [String], account: AccountID) async throws(StoreError) -> Keywords {
        let known = try await keywords(of: account)
        guard names.contains(where: { known.flag(named: $0) == nil }) else { return known }
        return try await write { transaction in
            var keywords = try Self.keywords(of: account, transaction)
            for name in names where keywords.flag(named: name) == nil {
                guard let bit = Flags.keywordBits.first(where: { keywords.names[$0] == nil }) else {
                    throw StoreError.keywordLimit
                }
                try transaction.execute(
                    "INSERT INTO keyword VALUES (?, ?, ?)", .integer(account.rawValue), .integer(bit), .text(name))
                keywords.add(name, bit: bit)
            }
            return keywords
        }
    }

    private static func keywords(of account: AccountID, _ connection: ReadConnection) throws -> Keywords {
        var keywords = Keywords()
        try connection.query("SELECT bit, name FROM keyword WHERE account_id = ?", .integer(account.rawValue)) {
            keywords.add($0.text(1), bit: Int($0.integer(0)))
        }
        return keywords
    }
}
