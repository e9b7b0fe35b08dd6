internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Changes flags, at most 1,000 messages a transaction, so that deliveries pass in between.
    ///
    /// - Parameters:
    ///   - uids: those that are not in the mailbox are passed over.
    ///   - keywordVersion: of the keywords by which the caller knows the bits of `flags`.
    ///   - unchangedSince: messages with a higher mod-sequence stay as they are (RFC 7162 §3.1.3).
    ///   - changeable: other flags stay as they are; nil: all can be changed.
    /// - Returns: every message that was named, ascending, as it is now.
    public func storeFlags(
        mailbox: MailboxID, uids: [ClosedRange<UInt32>], operation: FlagOperation, flags: Flags,
        keywordVersion: Int64? = nil, unchangedSince: ModSeq? = nil, among changeable: Flags? = nil
    ) async throws(StoreError) -> [FlagChange] {
        var pages = UIDPages(uids)
        var all: [FlagChange] = []
        while !pages.isDone {
            let page = pages
            let (changes, rest) = try await write(priority: all.isEmpty ? .interactive : .bulk) { [hub] transaction in
                if let account = try MailboxRows.byID(mailbox, transaction)?.account {
                    try KeywordRows.check(flags, version: keywordVersion, of: account, transaction)
                }
                let rows = try page.rows(of: mailbox, transaction)
                let store = FlagStore(
                    mailbox: mailbox, operation: operation, flags: flags, unchangedSince: unchangedSince,
                    changeable: changeable)
                var rest = page
                rest.drop(through: rows)
                return (try store.perform(rows, transaction, hub), rest)
            }
            all += changes
            pages = rest
        }
        return all
    }
}

/// One page of a STORE.
private struct FlagStore {
    var mailbox: MailboxID
    var operation: FlagOperation
    var flags: Flags
    var unchangedSince: ModSeq?
    var changeable: Flags?

    func perform(_ rows: [MessageSummary], _ transaction: WriteTransaction, _ hub: ChangeHub) throws -> [FlagChange] {
        var changes: [FlagChange] = []
        changes.reserveCapacity(rows.count)
        var modSeq: ModSeq?
        var unseen = 0
        var deleted = 0
        for row in rows {
            let isRefused = unchangedSince.map { row.modSeq > $0 } ?? false
            let new = isRefused ? row.flags : changed(row.flags)
            guard new != row.flags else {
                changes.append(
                    FlagChange(
                        uid: row.uid, flags: row.flags, modSeq: row.modSeq, previousModSeq: row.modSeq,
                        isChanged: false, isRefused: isRefused))
                continue
            }
            let next = try modSeq ?? ModSeqRows.next(of: mailbox, transaction).modSeq
            modSeq = next
            unseen += Self.delta(row.flags, new, .seen) * -1
            deleted += Self.delta(row.flags, new, .deleted)
            try transaction.execute(
                "UPDATE mailbox_message SET flags = ?, mod_seq = ? WHERE mailbox_id = ? AND uid = ?",
                .integer(new.rawValue), .integer(next.rawValue), .integer(mailbox.rawValue), .integer(row.uid.rawValue))
            changes.append(
                FlagChange(
                    uid: row.uid, flags: new, modSeq: next, previousModSeq: row.modSeq, isChanged: true,
                    isRefused: false))
        }
        if let modSeq {
            try ModSeqRows.count(mailbox, modSeq: modSeq, unseen: unseen, deleted: deleted, transaction)
            transaction.afterCommit { hub.changed(mailbox, modSeq) }
        }
        return changes
    }

    private func changed(_ old: Flags) -> Flags {
        let new: Flags =
            switch operation {
            case .add: old.union(flags)
            case .remove: old.subtracting(flags)
            // What no client sees is none of those that it means to replace.
            case .replace: flags.union(old.intersection(.hidden))
            }
        guard let changeable else { return new }
        return new.intersection(changeable).union(old.subtracting(changeable))
    }

    /// 1 when the flag comes, -1 when it goes.
    private static func delta(_ old: Flags, _ new: Flags, _ flag: Flags) -> Int {
        (new.contains(flag) ? 1 : 0) - (old.contains(flag) ? 1 : 0)
    }
}
