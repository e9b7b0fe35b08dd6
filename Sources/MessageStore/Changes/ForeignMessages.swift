internal import MailCore
internal import SQLite

/// Messages of one account on their way into a mailbox of another: its own rows are made of theirs, and the octets on
/// disk become those of both.
struct ForeignMessages {
    var from: AccountID
    var to: AccountID

    init(from: AccountID, to: AccountID) {
        self.from = from
        self.to = to
    }

    /// Gives each a message of the other account, and its keywords the other's bits.
    func take(_ rows: [MessageSummary], _ transaction: WriteTransaction) throws -> [MessageSummary] {
        let next = try transaction.integer(
            """
            UPDATE account_state SET next_message_id = next_message_id + ? WHERE account_id = ? AND removed_at IS NULL
            RETURNING next_message_id
            """, .integer(rows.count), .integer(to.rawValue))
        guard let next else { throw StoreError.noSuchAccount }
        let bits = try keywordBits(of: rows, transaction)
        return try rows.enumerated().map { index, row in
            var taken = row
            taken.messageID = next - Int64(rows.count) + Int64(index)
            try copy(row.messageID, to: taken.messageID, transaction)
            taken.flags = row.flags.intersection(Flags(rawValue: (1 << Int64(Flags.keywordBits.lowerBound)) - 1))
            taken.flags.subtract(.hidden)
            for (old, new) in bits where row.flags.contains(old) { taken.flags.insert(new) }
            return taken
        }
    }

    /// The rows of one message, the account's own lines in front of it included: the copy is what was seen.
    private func copy(_ message: Int64, to new: Int64, _ transaction: WriteTransaction) throws {
        let key = (Value.integer(from.rawValue), Value.integer(message))
        let facts = try transaction.integer(
            """
            INSERT INTO message_facts SELECT NULL, f.prefix, f.envelope, f.structure, f.preview
            FROM message AS m JOIN message_facts AS f USING (facts_id) WHERE m.account_id = ? AND m.message_id = ?
            RETURNING facts_id
            """, key.0, key.1)
        guard let facts else { throw StoreError.gone }
        try transaction.execute(
            """
            INSERT INTO header_fields SELECT ?, h.lines FROM message AS m JOIN header_fields AS h USING (facts_id)
            WHERE m.account_id = ? AND m.message_id = ?
            """, .integer(facts), key.0, key.1)
        let tokens = try transaction.first(
            "SELECT thread_tokens FROM message WHERE account_id = ? AND message_id = ?", key.0, key.1
        ) { $0.withOctets(0) { ThreadTokens.decoded($0) } }
        let thread = try ThreadRows.join(tokens ?? [], account: to, messageID: new, in: transaction)
        let body = try transaction.integer(
            """
            INSERT INTO message SELECT ?, ?, ?, body_id, 1, ?, header_octets, ?, thread_tokens
            FROM message WHERE account_id = ? AND message_id = ? RETURNING body_id
            """, .integer(to.rawValue), .integer(new), .integer(facts), .integer(thread), .integer(Clock.now()), key.0,
            key.1)
        guard let body else { throw StoreError.gone }
        try transaction.execute("UPDATE body SET ref_count = ref_count + 1 WHERE body_id = ?", .integer(body))
    }

    /// Which bit of the other account stands for which of these. Where it has no room for a name the copies do without.
    private func keywordBits(
        of rows: [MessageSummary], _ transaction: WriteTransaction
    ) throws -> [(old: Flags, new: Flags)] {
        let borne = rows.reduce(into: Flags()) { $0.formUnion($1.flags) }
        let names = try KeywordRows.all(of: from, transaction).names
        var known = try KeywordRows.all(of: to, transaction)
        var bits: [(old: Flags, new: Flags)] = []
        for (bit, name) in names.sorted(by: { $0.key < $1.key }) {
            let old = Flags(rawValue: 1 << Int64(bit))
            guard borne.contains(old) else { continue }
            if known.flag(named: name) == nil, let free = known.freeBit {
                try transaction.execute(
                    "INSERT INTO keyword VALUES (?, ?, ?)", .integer(to.rawValue), .integer(free), .text(name))
                known.add(name, bit: free)
            }
            if let new = known.flag(named: name) { bits.append((old, new)) }
        }
        return bits
    }
}
