public import MailCore
internal import SQLite

extension MessageStore {
    /// What an account holds and may hold, in one snapshot; without a quota there is no limit.
    public func quota(of account: AccountID) async throws(StoreError) -> (usage: Usage, quota: Quota?) {
        try await read { [options] connection in
            let usage = try connection.first(
                "SELECT used_octets, used_messages FROM account_state WHERE account_id = ?", .integer(account.rawValue)
            ) { Usage(octets: $0.integer(0), messages: $0.integer(1)) }
            guard let usage else { throw StoreError.noSuchAccount }
            return (usage, try options.quota(account, connection))
        }
    }

    /// RFC822.SIZE of all messages of a mailbox that are `\Deleted`.
    public func deletedOctets(of mailbox: MailboxID) async throws(StoreError) -> UInt64 {
        try await read { connection in
            let sum = try connection.integer(
                "SELECT sum(size) FROM mailbox_message WHERE mailbox_id = ? AND flags & ? <> 0",
                .integer(mailbox.rawValue), .integer(Flags.deleted.rawValue))
            return UInt64(clamping: sum ?? 0)
        }
    }
}
