public import MailCore
internal import SQLite

extension MessageStore {
    /// Grantees of one mailbox.
    public static let sharesMax = 500
    /// Rows of others' mailboxes that one account is told of; more are not listed.
    public static let sharedMailboxesMax = 10_000

    /// What an account may do with a mailbox: everything with its own, else what was granted.
    public func rights(of account: AccountID, on row: MailboxRow) async throws(StoreError) -> MailboxRights {
        if row.account == account { return .all }
        return try await read { try ShareRows.rights(of: account, on: row.id, $0) }
    }

    /// What was granted on another's mailbox; nothing on one that is gone.
    public func grantedRights(of account: AccountID, on mailbox: MailboxID) async throws(StoreError) -> MailboxRights {
        try await read { try ShareRows.rights(of: account, on: mailbox, $0) }
    }

    /// All mailboxes that others share with an account, by owner and name.
    public func sharedMailboxes(with account: AccountID) async throws(StoreError) -> [SharedMailbox] {
        try await read { try ShareRows.mailboxes(with: account, limit: Self.sharedMailboxesMax, $0) }
    }

    /// Who besides its owner has rights on a mailbox; the domain last.
    public func shares(of mailbox: MailboxID) async throws(StoreError) -> [MailboxShare] {
        try await read { try ShareRows.all(of: mailbox, $0) }
    }

    /// Changes somebody's rights on a mailbox. Durable when it returns, and told to all sessions that it is about.
    ///
    /// - Returns: the rights that the grantee has from now on.
    /// - Throws: `noSuchMailbox`; `notAllowed` for the owner, who has all rights always, and beyond `sharesMax`.
    @discardableResult
    public func share(
        _ mailbox: MailboxID, with grantee: MailboxShare.Grantee, _ change: RightsChange
    ) async throws(StoreError) -> MailboxRights {
        try await write { [hub] transaction in
            guard let row = try MailboxRows.byID(mailbox, transaction) else { throw StoreError.noSuchMailbox }
            let shares = try ShareRows.all(of: mailbox, transaction)
            let old = shares.first { $0.grantee == grantee }
            let rights = change.applied(to: old?.rights ?? [])
            guard old != nil || rights.isEmpty || shares.count < Self.sharesMax else {
                throw StoreError.notAllowed(reason: "A mailbox is shared with at most \(Self.sharesMax) others")
            }
            try ShareRows.set(rights, of: try Self.number(of: grantee, row, transaction), on: mailbox, transaction)
            transaction.afterCommit {
                hub.changed(row.account, .names)
                switch grantee {
                case .account(let account): hub.changed(account, .names)
                case .domain: hub.changedForAll(.names)
                }
                // Who has it selected looks again at what is allowed; the mod-sequence is nobody's own.
                hub.changed(mailbox, ModSeq(rawValue: 0))
            }
            return rights
        }
    }

    private static func number(
        of grantee: MailboxShare.Grantee, _ row: MailboxRow, _ transaction: WriteTransaction
    ) throws -> Int64 {
        switch grantee {
        case .account(row.account): throw StoreError.notAllowed(reason: "The owner has all rights always")
        case .account(let account):
            return account.rawValue
        case .domain:
            let domain = try transaction.integer(
                "SELECT domain_id FROM account_state WHERE account_id = ?", .integer(row.account.rawValue))
            guard let domain, domain > 0 else { throw StoreError.notAllowed(reason: "The account is in no domain") }
            return -domain
        }
    }
}
