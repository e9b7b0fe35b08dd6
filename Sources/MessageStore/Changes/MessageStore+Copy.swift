internal import Execution
public import MailCore
internal import SQLite

extension MessageStore {
    /// Copies messages into another mailbox, all in one transaction (RFC 9051 §6.4.7: all or none).
    ///
    /// - Parameters:
    ///   - account: whose mailboxes both are.
    ///   - target: whose the destination is, where it is another's. Its quota counts the copies.
    ///   - kept: flags that the copies may bear (RFC 4314 §4).
    /// - Throws: `noSuchMailbox` when either is not the account's or cannot be selected, `overQuota`.
    public func copy(
        from source: MailboxID, uids: [ClosedRange<UInt32>], to destination: MailboxID, account: AccountID,
        into target: AccountID? = nil, keeping kept: Flags? = nil
    ) async throws(StoreError) -> CopyOutcome {
        guard disk.hasRoom else { throw .diskFull }
        return try await write { [hub] transaction in
            let rows = try UIDPages(uids).rows(of: source, limit: .max, transaction)
            let transfer = Transfer(
                account: account, target: target ?? account, source: source, destination: destination, rows: rows,
                kept: kept)
            let outcome = try transfer.insert(.copied, transaction, hub)
            try transfer.countCopies(hub, transaction)
            return outcome
        }
    }

    /// Moves messages into another mailbox: each is in one of the two at any time (RFC 6851 §3.3). Parameters as of
    /// `copy`; what goes to another account can be brought back to where it was, as what was expunged.
    public func move(
        from source: MailboxID, uids: [ClosedRange<UInt32>], to destination: MailboxID, account: AccountID,
        into target: AccountID? = nil, keeping kept: Flags? = nil
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
                let transfer = Transfer(
                    account: account, target: target ?? account, source: source, destination: destination, rows: rows,
                    kept: kept)
                let outcome = try transfer.insert(.moved, transaction, hub)
                if transfer.isForeign { try transfer.countCopies(hub, transaction) }
                try Removal(mailbox: source, rows: rows, actor: transfer.isForeign ? "move" : nil).perform(
                    transaction, hub)
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
    var target: AccountID
    var source: MailboxID
    var destination: MailboxID
    var rows: [MessageSummary]
    var kept: Flags?

    /// Into another account, which gets messages of its own.
    var isForeign: Bool { target != account }

    func insert(
        _ kind: MessageEvent.Kind, _ transaction: WriteTransaction, _ hub: ChangeHub
    ) throws -> CopyOutcome {
        guard try MailboxRows.byID(source, transaction)?.account == account,
            let place = try MailboxRows.byID(destination, transaction), place.account == target, place.isSelectable
        else { throw StoreError.noSuchMailbox }
        var outcome = CopyOutcome(uidValidity: place.uidValidity, sourceUIDs: [], destinationUIDs: [])
        guard !rows.isEmpty else { return outcome }
        guard rows.count < Int(UInt32.max - place.uidNext.rawValue) else {
            throw StoreError.notAllowed(reason: "The mailbox has no UIDs left")
        }
        let rows = try arriving(transaction)
        let modSeq = try ModSeqRows.next(of: destination, transaction).modSeq
        let now = Clock.now()
        var uid = place.uidNext.rawValue
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
            kind, mailbox: destination, named: place.name, uids: place.uidNext.rawValue...(uid - 1),
            account: target, actor: nil, transaction)
        try transaction.execute(
            "UPDATE mailbox SET uid_next = ? WHERE mailbox_id = ?", .integer(uid), .integer(destination.rawValue))
        try ModSeqRows.count(
            destination, modSeq: modSeq, messages: rows.count, unseen: rows.count { !$0.flags.contains(.seen) },
            deleted: rows.count { $0.flags.contains(.deleted) }, octets: octets, transaction)
        let destination = destination
        transaction.afterCommit { hub.changed(destination, modSeq) }
        return outcome
    }

    /// The rows as the destination gets them.
    private func arriving(_ transaction: WriteTransaction) throws -> [MessageSummary] {
        var arriving = rows
        // First of all: keywords that may not come along are not to be made there either.
        if let kept {
            for index in arriving.indices { arriving[index].flags.formIntersection(kept) }
        }
        return isForeign ? try ForeignMessages(from: account, to: target).take(arriving, transaction) : arriving
    }

    private var octets: Int { rows.reduce(0) { $0 + $1.size } }

    func countCopies(_ hub: ChangeHub, _ transaction: WriteTransaction) throws {
        guard !rows.isEmpty else { return }
        for row in rows where !isForeign {
            try transaction.execute(
                "UPDATE message SET mailbox_refs = mailbox_refs + 1 WHERE account_id = ? AND message_id = ?",
                .integer(account.rawValue), .integer(row.messageID))
        }
        try UsageRows.add(
            octets: octets, messages: rows.count, to: target, checksQuota: true, hub, transaction)
    }
}
