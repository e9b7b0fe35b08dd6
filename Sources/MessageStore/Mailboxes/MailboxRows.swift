internal import MailCore
internal import SQLite

/// The SQL of mailbox rows, shared by all that reads and makes them.
enum MailboxRows {
    static func row(_ row: Row) -> MailboxRow {
        MailboxRow(
            id: MailboxID(rawValue: row.integer(0)), account: AccountID(rawValue: row.integer(1)), name: row.text(2),
            uidValidity: UIDValidity(rawValue: UInt32(truncatingIfNeeded: row.integer(3))),
            uidNext: UID(UInt32(truncatingIfNeeded: row.integer(4))), highestModSeq: ModSeq(rawValue: row.integer(5)),
            messages: Int(row.integer(6)), unseen: Int(row.integer(7)), deleted: Int(row.integer(8)),
            recentFrom: UID(UInt32(truncatingIfNeeded: row.integer(9))), octets: row.integer(10),
            specialUse: SpecialUse(rawValue: row.integer(11)),
            isSelectable: row.boolean(12))
    }

    static func all(of account: AccountID, _ connection: ReadConnection) throws -> [MailboxRow] {
        try connection.all(
            """
            SELECT mailbox_id, account_id, name, uid_validity, uid_next, highest_mod_seq, message_count, unseen_count,
              deleted_count, recent_uid, octet_count, special_use, is_selectable
            FROM mailbox WHERE account_id = ? ORDER BY name
            """, .integer(account.rawValue), row: row)
    }

    static func named(_ name: String, of account: AccountID, _ connection: ReadConnection) throws -> MailboxRow? {
        try connection.first(
            """
            SELECT mailbox_id, account_id, name, uid_validity, uid_next, highest_mod_seq, message_count, unseen_count,
              deleted_count, recent_uid, octet_count, special_use, is_selectable
            FROM mailbox WHERE account_id = ? AND name = ?
            """, .integer(account.rawValue), .text(name), row: row)
    }

    static func byID(_ id: MailboxID, _ connection: ReadConnection) throws -> MailboxRow? {
        try connection.first(
            """
            SELECT mailbox_id, account_id, name, uid_validity, uid_next, highest_mod_seq, message_count, unseen_count,
              deleted_count, recent_uid, octet_count, special_use, is_selectable
            FROM mailbox WHERE mailbox_id = ?
            """, .integer(id.rawValue), row: row)
    }

    /// The mailbox that a delivery goes to; one for a special use is made when missing.
    static func find(
        _ target: LocalCopy.Target, of account: AccountID, in transaction: WriteTransaction
    ) throws -> MailboxID {
        switch target {
        case .mailbox(let id): return id
        case .named(let name):
            guard let normal = try? MailboxName.normal(name),
                let found = try id(normal, of: account, transaction)
            else {
                throw StoreError.noSuchMailbox
            }
            return found
        case .inbox:
            let found = try transaction.integer(
                "SELECT mailbox_id FROM mailbox WHERE account_id = ? AND name = 'INBOX'", .integer(account.rawValue))
            guard let found else { throw StoreError.noSuchAccount }
            return MailboxID(rawValue: found)
        case .specialUse(let use):
            let found = try transaction.integer(
                """
                SELECT mailbox_id FROM mailbox
                WHERE account_id = ? AND special_use & ? <> 0 AND is_selectable = 1 ORDER BY mailbox_id LIMIT 1
                """, .integer(account.rawValue), .integer(use.rawValue))
            if let found { return MailboxID(rawValue: found) }
            return try make(
                StandardMailboxes.name(of: use), specialUse: use, of: account, isSubscribed: true, in: transaction)
        }
    }

    /// Makes a mailbox and the names above it; one that is there takes the special use and becomes selectable.
    @discardableResult
    static func make(
        _ name: String, specialUse: SpecialUse, of account: AccountID, isSubscribed: Bool,
        in transaction: WriteTransaction
    ) throws -> MailboxID {
        for superior in MailboxName.superiors(of: name) {
            if try id(superior, of: account, transaction) == nil { try insert(superior, [], account, transaction) }
        }
        if isSubscribed {
            try transaction.execute(
                "INSERT OR IGNORE INTO subscription VALUES (?, ?)", .integer(account.rawValue), .text(name))
        }
        if let found = try id(name, of: account, transaction) {
            try transaction.execute(
                "UPDATE mailbox SET special_use = special_use | ?, is_selectable = 1 WHERE mailbox_id = ?",
                .integer(specialUse.rawValue), .integer(found.rawValue))
            return found
        }
        return try insert(name, specialUse, account, transaction)
    }

    static func id(_ name: String, of account: AccountID, _ connection: ReadConnection) throws -> MailboxID? {
        try connection.integer(
            "SELECT mailbox_id FROM mailbox WHERE account_id = ? AND name = ?", .integer(account.rawValue), .text(name)
        ).map { MailboxID(rawValue: $0) }
    }

    @discardableResult
    private static func insert(
        _ name: String, _ use: SpecialUse, _ account: AccountID, _ transaction: WriteTransaction
    ) throws -> MailboxID {
        let validity = try nextUIDValidity(of: account, transaction)
        let id = try StoreInfo.nextMailbox(transaction)
        try transaction.execute(
            """
            INSERT INTO mailbox (mailbox_id, account_id, name, uid_validity, special_use, highest_mod_seq)
            VALUES (?1, ?2, ?3, ?4, ?5, (SELECT mod_seq FROM account_state WHERE account_id = ?2))
            """, .integer(id), .integer(account.rawValue), .text(name), .integer(validity), .integer(use.rawValue))
        return MailboxID(rawValue: id)
    }

    /// RFC 9051 §2.3.1.1: never given twice for one name, since it only grows within the account.
    static func nextUIDValidity(of account: AccountID, _ transaction: WriteTransaction) throws -> Int64 {
        let next = try transaction.integer(
            """
            UPDATE account_state SET next_uid_validity = max(next_uid_validity, ?) + 1
            WHERE account_id = ? RETURNING next_uid_validity - 1
            """, .integer(Clock.now()), .integer(account.rawValue))
        guard let next else { throw StoreError.noSuchAccount }
        return next
    }
}

/// What a new account finds.
enum StandardMailboxes {
    static let all: [(name: String, use: SpecialUse)] = [
        ("INBOX", []), ("Sent", .sent), ("Drafts", .drafts), ("Junk", .junk), ("Trash", .trash), ("Archive", .archive),
    ]

    static func name(of use: SpecialUse) -> String {
        all.first { !$0.use.isEmpty && $0.use.isSubset(of: use) }?.name ?? "Archive"
    }
}
