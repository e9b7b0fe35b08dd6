internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Changes flags, at most 4,000 messages a transaction, so that deliveries pass in between.
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
        let store = FlagStore(
            mailbox: mailbox, operation: operation, flags: flags, unchangedSince: unchangedSince,
            changeable: changeable ?? Flags(rawValue: ~0))
        var pages = UIDPages(uids)
        var all: [FlagChange] = []
        while !pages.isDone {
            let page = pages
            let (changes, rest) = try await write(priority: all.isEmpty ? .interactive : .bulk) { [hub] transaction in
                if let account = try MailboxRows.byID(mailbox, transaction)?.account {
                    try KeywordRows.check(flags, version: keywordVersion, of: account, transaction)
                }
                let rows = try page.flagRows(of: mailbox, limit: FlagStore.rowsMax, transaction)
                var rest = page
                rest.drop(through: rows.last?.uid, rows.count, limit: FlagStore.rowsMax)
                return (try store.perform(rows, of: page, transaction, hub), rest)
            }
            all += changes
            pages = rest
        }
        return all
    }
}

/// One page of a STORE.
private struct FlagStore: Sendable {
    static let rowsMax = 4_000

    var mailbox: MailboxID
    var operation: FlagOperation
    var flags: Flags
    var unchangedSince: ModSeq?
    /// All others stay as they are.
    var changeable: Flags

    func perform(
        _ rows: [FlagRow], of page: UIDPages, _ transaction: WriteTransaction, _ hub: ChangeHub
    ) throws -> [FlagChange] {
        var changes: [FlagChange] = []
        changes.reserveCapacity(rows.count)
        var modSeq: ModSeq?
        var unseen = 0
        var deleted = 0
        for row in rows {
            let isRefused = unchangedSince.map { row.modSeq > $0 } ?? false
            let new = isRefused ? row.flags : changed(row.flags)
            var change = FlagChange(
                uid: row.uid, flags: new, modSeq: row.modSeq, previousModSeq: row.modSeq,
                isChanged: new != row.flags, isRefused: isRefused)
            if change.isChanged {
                let next = try modSeq ?? ModSeqRows.next(of: mailbox, transaction).modSeq
                modSeq = next
                change.modSeq = next
                unseen += Self.delta(row.flags, new, .seen) * -1
                deleted += Self.delta(row.flags, new, .deleted)
            }
            changes.append(change)
        }
        if let modSeq, let last = rows.last {
            try update(page, through: last.uid, modSeq, transaction)
            try ModSeqRows.count(mailbox, modSeq: modSeq, unseen: unseen, deleted: deleted, transaction)
            transaction.afterCommit { hub.changed(mailbox, modSeq) }
        }
        return changes
    }

    /// Changes the same rows as `changed` does, a range at a time: a statement for each message took three times as long.
    private func update(
        _ page: UIDPages, through last: UID, _ modSeq: ModSeq, _ transaction: WriteTransaction
    ) throws {
        for range in page.rest where range.lowerBound <= last.rawValue {
            try transaction.execute(
                """
                UPDATE mailbox_message SET flags = (flags & ?1) | ?2, mod_seq = ?3
                WHERE mailbox_id = ?4 AND uid BETWEEN ?5 AND ?6 AND (flags & ?1) | ?2 <> flags AND +mod_seq <= ?7
                """, .integer(kept.rawValue), .integer(added.rawValue), .integer(modSeq.rawValue),
                .integer(mailbox.rawValue), .integer(range.lowerBound),
                .integer(min(range.upperBound, last.rawValue)), .integer(unchangedSince?.rawValue ?? .max))
        }
    }

    private func changed(_ old: Flags) -> Flags { old.intersection(kept).union(added) }

    /// Of the flags that a message has.
    private var kept: Flags {
        let kept: Flags =
            switch operation {
            case .add: Flags(rawValue: ~0)
            case .remove: Flags(rawValue: ~flags.rawValue)
            // What no client sees is none of those that it means to replace.
            case .replace: .hidden
            }
        return kept.union(Flags(rawValue: ~changeable.rawValue))
    }

    private var added: Flags { operation == .remove ? [] : flags.intersection(changeable) }

    /// 1 when the flag comes, -1 when it goes.
    private static func delta(_ old: Flags, _ new: Flags, _ flag: Flags) -> Int {
        (new.contains(flag) ? 1 : 0) - (old.contains(flag) ? 1 : 0)
    }
}
