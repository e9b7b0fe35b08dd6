internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Copies messages into another mailbox of the account, all in one transaction (RFC 9051 §6.4.7: all or none).
    ///
    /// - Throws: `noSuchMailbox` when either is not the account's or cannot be selected, `overQuota`.
    public func copy(
        from source: MailboxID, uids: [ClosedRange<UInt32>], to destination: MailboxID, account: AccountID
    ) async throws(StoreError) -> CopyOutcome {
        guard disk.hasRoom else { throw .diskFull }
        return try await write { [hub] transaction in
            let rows = try UIDPages(uids).rows(of: source, limit: .max, transaction)
            let transfer = Transfer(account: account, source: source, destination: destination, rows: rows)
            let outcome = try transfer.insert(.copied, transaction, hub)
            try transfer.countCopies(hub, transaction)
            return outcome
        }
    }

    /// Moves messages into another mailbox of the account: each is in one of the two at any time (RFC 6851 §3.3).
    public func move(
        from source: MailboxID, uids: [ClosedRange<UInt32>], to destination: MailboxID, account: AccountID
    ) async throws(StoreError) -> CopyOutcome {
        // What a move within one mailbox makes is not moved again.
        let last = try await mailbox(source).uidNext.rawValue
        var pages = UIDPages(last > 1 ? UIDRuns(uids).intersection(1...(last - 1)).ranges : [])
        var all = CopyOutcome(
            uidValidity: try await mailbox(destination).uidValidity, sourceUIDs: [], destinationUIDs: [])
        while !pages.isDone {
            let page = pages
            let (outcome, rest) = try await write(
                priority: all.sourceUIDs.isEmpty ? .interactive : .bulk
            ) { [hub] transaction in
                let rows = try page.rows(of: source, transaction)
                var rest = page
                rest.drop(through: rows)
                let transfer = Transfer(account: account, source: source, destination: destination, rows: rows)
                let outcome = try transfer.insert(.moved, transaction, hub)
                try Removal(mailbox: source, rows: rows, actor: nil).perform(transaction, hub)
                return (outcome, rest)
            }
            all.sourceUIDs += outcome.sourceUIDs
            all.destinationUIDs += outcome.destinationUIDs
            pages = rest
        }
        return all
    }
}

/// Rows that another mailbox gets, too.
private struct Transfer {
    var account: AccountID
    var source: MailboxID
    var destination: MailboxID
    var rows: [MessageSummary]

    func insert(
        _ kind: MessageEvent.Kind, _ transaction: WriteTransaction, _ hub: ChangeHub
    ) throws -> CopyOutcome {
        guard try MailboxRows.byID(source, transaction)?.account == account,
            let target = try MailboxRows.byID(destination, transaction), target.account == account, target.isSelectable
        else { throw StoreError.noSuchMailbox }
        var outcome = CopyOutcome(uidValidity: target.uidValidity, sourceUIDs: [], destinationUIDs: [])
        guard !rows.isEmpty else { return outcome }
        guard rows.count < Int(UInt32.max - target.uidNext.rawValue) else {
            throw StoreError.notAllowed(reason: "The mailbox has no UIDs left")
        }
        let modSeq = try ModSeqRows.next(of: destination, transaction).modSeq
        let now = Clock.now()
        var uid = target.uidNext.rawValue
        for row in rows {
            try transaction.execute(
                "INSERT INTO mailbox_message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", .integer(destination.rawValue),
                .integer(uid), .integer(row.messageID), .integer(modSeq.rawValue), .integer(row.flags.rawValue),
                .integer(row.size), .integer(row.internalDate), .integer(row.internalZoneMinutes),
                .integer(row.sentDate), .integer(row.sentZoneMinutes), .integer(now))
            outcome.sourceUIDs.append(row.uid)
            outcome.destinationUIDs.append(UID(uid))
            uid += 1
        }
        try EventRows.insert(
            kind, mailbox: destination, named: target.name, uids: target.uidNext.rawValue...(uid - 1),
            account: account, actor: nil, transaction)
        try transaction.execute(
            "UPDATE mailbox SET uid_next = ? WHERE mailbox_id = ?", .integer(uid), .integer(destination.rawValue))
        try ModSeqRows.count(
            destination, modSeq: modSeq, messages: rows.count, unseen: rows.count { !$0.flags.contains(.seen) },
            deleted: rows.count { $0.flags.contains(.deleted) }, octets: octets, transaction)
        let destination = destination
        transaction.afterCommit { hub.changed(destination, modSeq) }
        return outcome
    }

    private var octets: Int { rows.reduce(0) { $0 + $1.size } }

    func countCopies(_ hub: ChangeHub, _ transaction: WriteTransaction) throws {
        guard !rows.isEmpty else { return }
        for row in rows {
            try transaction.execute(
                "UPDATE message SET mailbox_refs = mailbox_refs + 1 WHERE account_id = ? AND message_id = ?",
                .integer(account.rawValue), .integer(row.messageID))
        }
        try UsageRows.add(
            octets: octets, messages: rows.count, to: account, checksQuota: true, hub, transaction)
    }
}
