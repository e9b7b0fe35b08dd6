internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Expunged messages of an account that can be brought back, the last expunged first.
    ///
    /// - Parameter limit: at most 1,000 are given.
    public func keptMessages(
        of account: AccountID, matching filter: KeptFilter = KeptFilter(), limit: Int = 1_000
    ) async throws(StoreError) -> [KeptMessage] {
        try await read(priority: .bulk) { try KeptRows.find(account, filter, limit: min(max(0, limit), 1_000), $0) }
    }

    /// Puts expunged messages back into the mailboxes they were in, made again where they are missing; with their flags
    /// but `\Deleted`, under new UIDs. In pages, so that no transaction gets long.
    ///
    /// - Parameter mailbox: the name of another one to put them into.
    /// - Returns: how many came back; those that were purged or brought back meanwhile are passed over.
    public func bringBack(
        _ keys: [KeptMessage.Key], account: AccountID, into mailbox: String? = nil
    ) async throws(StoreError) -> Int {
        let name = try mailbox.map { text throws(StoreError) in try MailboxName.normal(text) }
        var count = 0
        for start in stride(from: 0, to: keys.count, by: KeptRows.pageMax) {
            let page = keys[start..<min(start + KeptRows.pageMax, keys.count)]
            count += try await write(priority: .bulk) { [hub] transaction in
                try page.count { try KeptRows.bringBack($0, account, into: name, hub, transaction) }
            }
        }
        return count
    }

    /// Erases expunged messages that are kept longer than they may be, or beyond what an account may keep: at most
    /// `keptOctetsMax`, or its quota where that is more. Oldest first, a few at a time.
    ///
    /// - Parameters:
    ///   - retentionDays: where the domain has no time of its own.
    ///   - isPressed: the disk gets full: all of it goes, the oldest of every account first, until `isRelieved`.
    /// - Returns: how many were erased.
    @discardableResult
    func purgeKept(
        retentionDays: Int, now: Int64, isPressed: Bool = false, isRelieved: @Sendable () -> Bool = { false }
    ) async throws(StoreError) -> Int {
        var count = 0
        // Under pressure a week at a time, so that what was deleted today is the last to go.
        let steps = isPressed ? stride(from: Int64(retentionDays), through: 0, by: -7).map { $0 } : [Int64.max]
        for step in steps {
            for account in try await accountsThatKeep() {
                while true {
                    let erased = try await write(priority: .bulk) { transaction in
                        try KeptRows.purge(
                            account, retentionDays: retentionDays, daysAtMost: step, now: now, transaction)
                    }
                    count += erased
                    if erased < KeptRows.pageMax { break }
                }
                if isPressed && isRelieved() { return count }
            }
        }
        return count
    }

    private func accountsThatKeep() async throws(StoreError) -> [AccountID] {
        try await read(priority: .bulk) { connection in
            try connection.all("SELECT account_id FROM account_state WHERE kept_octets > 0 AND removed_at IS NULL") {
                AccountID(rawValue: $0.integer(0))
            }
        }
    }
}
