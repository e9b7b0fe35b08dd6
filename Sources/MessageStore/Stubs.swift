public import MailCore
public import NIOCore
public import SQLite

extension MessageStore {
    static func missing() -> StoreError { .storage(operation: "call", detail: "not there yet") }

    public func stage(_ octets: ByteBuffer, preceding: ByteBuffer? = nil) async throws(StoreError) -> StagedMessage { throw Self.missing() }
    public func makeSpool() throws(StoreError) -> Spool { throw Self.missing() }
    public func stage(_ spool: Spool) async throws(StoreError) -> StagedMessage { throw Self.missing() }

    public func deliver(
        _ message: StagedMessage, to copies: [LocalCopy], queue: [QueueEntry] = [], checkQuota: Bool = false
    ) async throws(StoreError) -> DeliveryReceipt { throw Self.missing() }
    public func append(
        _ message: StagedMessage, account: AccountID, mailbox: MailboxID, flags: Flags, internalDate: Int64, zoneMinutes: Int,
        prefix: ByteBuffer = ByteBuffer()
    ) async throws(StoreError) -> (UIDValidity, UID) { throw Self.missing() }

    public func createAccount(_ id: AccountID, in transaction: WriteTransaction) throws { throw Self.missing() }
    public func removeAccount(_ id: AccountID, in transaction: WriteTransaction) throws { throw Self.missing() }

    public func mailboxes(of account: AccountID) async throws(StoreError) -> [MailboxRow] { throw Self.missing() }
    public func mailbox(of account: AccountID, named name: String) async throws(StoreError) -> MailboxRow { throw Self.missing() }
    public func mailbox(_ id: MailboxID) async throws(StoreError) -> MailboxRow { throw Self.missing() }
    @discardableResult
    public func createMailbox(account: AccountID, name: String, specialUse: SpecialUse = []) async throws(StoreError) -> MailboxID { throw Self.missing() }
    public func deleteMailbox(account: AccountID, name: String) async throws(StoreError) { throw Self.missing() }
    public func renameMailbox(account: AccountID, from old: String, to new: String) async throws(StoreError) { throw Self.missing() }
    public func subscribe(account: AccountID, name: String) async throws(StoreError) { throw Self.missing() }
    public func unsubscribe(account: AccountID, name: String) async throws(StoreError) { throw Self.missing() }
    public func subscriptions(of account: AccountID) async throws(StoreError) -> [String] { throw Self.missing() }
    public func usage(of account: AccountID) async throws(StoreError) -> Usage { throw Self.missing() }

    public func uids(of mailbox: MailboxID) async throws(StoreError) -> UIDRuns { throw Self.missing() }
    public func claimRecent(_ mailbox: MailboxID) async throws(StoreError) -> UID { throw Self.missing() }
    public func summaries(
        of mailbox: MailboxID, uids: ClosedRange<UInt32>, limit: Int, matching: FlagFilter? = nil
    ) async throws(StoreError) -> [MessageSummary] { throw Self.missing() }
    public func details(
        of mailbox: MailboxID, account: AccountID, uids: ClosedRange<UInt32>, limit: Int, want: DetailSet
    ) async throws(StoreError) -> [MessageDetail] { throw Self.missing() }
    public func octets(of body: BodyReference, range: Range<Int>? = nil) async throws(StoreError) -> ByteBuffer { throw Self.missing() }
    public func octets(of bodies: [BodyReference]) async throws(StoreError) -> [ByteBuffer] { throw Self.missing() }
    /// UIDs with a UIDL of their own; all others are `uidValidity.uid`.
    public func pop3UIDLs(of mailbox: MailboxID) async throws(StoreError) -> [UID: String] { throw Self.missing() }

    public func storeFlags(
        mailbox: MailboxID, uids: [ClosedRange<UInt32>], operation: FlagOperation, flags: Flags, unchangedSince: ModSeq? = nil
    ) async throws(StoreError) -> [FlagChange] { throw Self.missing() }
    public func keywords(of account: AccountID) async throws(StoreError) -> Keywords { throw Self.missing() }
    public func makeKeywords(_ names: [String], account: AccountID) async throws(StoreError) -> Keywords { throw Self.missing() }
    /// - Parameter actor: who, for the record: "imap", "pop3".
    public func expunge(
        mailbox: MailboxID, uids: [ClosedRange<UInt32>]?, onlyDeleted: Bool, actor: String = "imap"
    ) async throws(StoreError) -> [ClosedRange<UInt32>] { throw Self.missing() }
    public func copy(from: MailboxID, uids: [ClosedRange<UInt32>], to: MailboxID, account: AccountID) async throws(StoreError) -> CopyOutcome { throw Self.missing() }
    public func move(from: MailboxID, uids: [ClosedRange<UInt32>], to: MailboxID, account: AccountID) async throws(StoreError) -> CopyOutcome { throw Self.missing() }
    public func changes(in mailbox: MailboxID, since: ModSeq, uidNext: UID) async throws(StoreError) -> MailboxChanges { throw Self.missing() }

    // Queue. Times are seconds since 1970.
    public func dueQueue(now: Int64, limit: Int) async throws(StoreError) -> [QueuedRecipient] { throw Self.missing() }
    public func nextQueueDue() async throws(StoreError) -> Int64? { throw Self.missing() }
    /// Those that were waiting and are leased now.
    public func leaseQueue(_ keys: [QueueKey], owner: String, until: Int64) async throws(StoreError) -> [QueueKey] { throw Self.missing() }
    /// Delivered or failed for good: the row goes; with the last one of a message its queue row and its hold on the body.
    public func finishQueue(_ keys: [QueueKey]) async throws(StoreError) { throw Self.missing() }
    /// Counts an attempt.
    public func rescheduleQueue(_ keys: [QueueKey], at: Int64, lastReply: String?) async throws(StoreError) { throw Self.missing() }
    /// Gives a lease back without counting an attempt.
    public func releaseQueue(_ keys: [QueueKey]) async throws(StoreError) { throw Self.missing() }
    public func holdQueue(_ filter: QueueFilter, reason: String) async throws(StoreError) -> Int { throw Self.missing() }
    /// Makes waiting and held recipients due now.
    public func retryQueue(_ filter: QueueFilter, now: Int64) async throws(StoreError) -> Int { throw Self.missing() }
    /// Ascending by key; the next page begins behind `after`.
    public func listQueue(_ filter: QueueFilter, after: QueueKey? = nil, limit: Int) async throws(StoreError) -> [QueuedRecipient] { throw Self.missing() }
    public func queueCounts() async throws(StoreError) -> QueueCounts { throw Self.missing() }

    // Backup
    public func segmentFiles() async throws(StoreError) -> [SegmentFile] { throw Self.missing() }
    public func sealOpenSegment() async throws(StoreError) { throw Self.missing() }
    public func openSegmentEnd() -> Int { 0 }
    public func generation() async throws(StoreError) -> Int64 { throw Self.missing() }
    /// On a database whose server does not run.
    public static func raiseGeneration(in database: Database, now: Int64) throws(StoreError) -> Int64 { throw Self.missing() }
    public func check(readsBodies: Bool = true) async throws(StoreError) -> [String] { throw Self.missing() }
}
