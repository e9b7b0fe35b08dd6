internal import Execution
public import MailCore
internal import SQLite

/// A staged message on its way into a mailbox by APPEND or import.
public struct NewMessage: Sendable {
    public var message: StagedMessage
    public var flags: Flags
    /// Of the keywords by which the caller knows the bits of `flags`.
    public var keywordVersion: Int64?
    /// Seconds since 1970, and the zone it was told in.
    public var internalDate: Int64
    public var zoneMinutes: Int

    public init(
        _ message: StagedMessage, flags: Flags, keywordVersion: Int64? = nil, internalDate: Int64,
        zoneMinutes: Int
    ) {
        self.message = message
        self.flags = flags
        self.keywordVersion = keywordVersion
        self.internalDate = internalDate
        self.zoneMinutes = zoneMinutes
    }
}

extension MessageStore {
    /// Appends a message to a mailbox (IMAP APPEND, import). Durable as `deliver`.
    ///
    /// - Parameters:
    ///   - internalDate: seconds since 1970-01-01T00:00:00Z (INTERNALDATE, RFC 9051 §2.3.3).
    ///   - zoneMinutes: the zone it was told in.
    /// - Throws: as `deliver`.
    @discardableResult
    public func append(
        _ message: StagedMessage, account: AccountID, mailbox: MailboxID, flags: Flags,
        internalDate: Int64,
        zoneMinutes: Int, origin: Origin = Origin(.append), checksQuota: Bool = true
    ) async throws(StoreError) -> (UIDValidity, UID) {
        let new = NewMessage(
            message, flags: flags, internalDate: internalDate, zoneMinutes: zoneMinutes)
        let (validity, uids) = try await append(
            [new], account: account, to: .mailbox(mailbox), origin: origin, checksQuota: checksQuota)
        return (validity, uids[0])
    }

    /// Appends messages to a mailbox in one transaction: all of them, or none (RFC 3502). Durable as `deliver`.
    ///
    /// - Returns: the UIDs in the order of the messages, ascending and without gaps.
    /// - Throws: `noSuchMailbox`, `overQuota` and the like with nothing kept.
    public func append(
        _ messages: [NewMessage], account: AccountID, to target: LocalCopy.Target,
        origin: Origin = Origin(.append),
        checksQuota: Bool = true
    ) async throws(StoreError) -> (UIDValidity, [UID]) {
        try await write(messages.map(\.message), origin, accounts: [account]) {
            [hub] bodies, transaction in
            var outcome: (validity: UIDValidity?, uids: [UID]) = (nil, [])
            for (new, body) in zip(messages, bodies) {
                let insert = try new.insert(body, account, target, checksQuota: checksQuota, transaction)
                let event: MessageEvent.Kind = origin.kind == .recovered ? .recovered : .appended
                let copy = try insert.perform(event, address: nil, transaction, hub)
                outcome.validity = copy.uidValidity
                outcome.uids.append(copy.uid)
            }
            guard let validity = outcome.validity else { throw StoreError.noSuchMailbox }
            return (validity, outcome.uids)
        }
    }
}

extension NewMessage {
    func insert(
        _ body: BodyWrite, _ account: AccountID, _ target: LocalCopy.Target, checksQuota: Bool,
        _ transaction: WriteTransaction
    ) throws -> MessageInsert {
        try KeywordRows.check(flags, version: keywordVersion, of: account, transaction)
        return MessageInsert(
            account: account, target: target, prefix: [], flags: flags, verdict: nil,
            internalDate: internalDate,
            zoneMinutes: zoneMinutes, receivedAt: Clock.now(), checksQuota: checksQuota,
            octetCount: message.octetCount, facts: message.facts,
            bodyID: try body.insert(references: 1, in: transaction))
    }
}
