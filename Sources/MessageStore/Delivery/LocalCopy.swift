public import MailCore
public import NIOCore

/// One recipient's copy of a message.
public struct LocalCopy: Sendable {
    public enum Target: Equatable, Sendable {
        case inbox
        /// The first mailbox with this use; made when missing.
        case specialUse(SpecialUse)
        case mailbox(MailboxID)
        /// The mailbox of that name, which must be there.
        case named(String)
    }

    public var account: AccountID
    public var target: Target
    /// As it was written to, for the trail.
    public var address: String?
    /// This account's own header lines, each with CRLF, in front of the shared body.
    public var prefix: ByteBuffer
    public var flags: Flags
    /// JSON, kept as data beside the message.
    public var verdict: String?

    public init(
        account: AccountID, target: Target = .inbox, address: String? = nil, prefix: ByteBuffer = ByteBuffer(),
        flags: Flags = [], verdict: String? = nil
    ) {
        self.account = account
        self.target = target
        self.address = address
        self.prefix = prefix
        self.flags = flags
        self.verdict = verdict
    }
}

/// A message for other servers, with the recipients that share one reverse-path and the same options.
public struct QueueEntry: Sendable {
    public var reversePath: ReversePath
    public var recipients: [EmailAddress]
    /// JSON: DSN, SMTPUTF8 and the like. OutboundQueue's own words.
    public var options: String
    /// Set: the recipients start held, and this says why.
    public var holdReason: String?
    /// What every next hop must be able to do.
    public var needs: MessageNeeds
    /// RET and ENVID.
    public var notification: MessageNotification
    /// NOTIFY and ORCPT of the recipients for whom anything was said.
    public var recipientNotifications: [EmailAddress: RecipientNotification]
    /// Seconds since 1970; 0 for at once.
    public var notBefore: Int64
    /// RFC 5321 §4.5.4.1: four to five days at least.
    public var expiresAfterSeconds: Int64

    public init(
        reversePath: ReversePath, recipients: [EmailAddress], options: String = "{}", needs: MessageNeeds = [],
        notification: MessageNotification = MessageNotification(),
        recipientNotifications: [EmailAddress: RecipientNotification] = [:], holdReason: String? = nil,
        notBefore: Int64 = 0, expiresAfterSeconds: Int64 = 432_000
    ) {
        self.reversePath = reversePath
        self.recipients = recipients
        self.options = options
        self.needs = needs
        self.notification = notification
        self.recipientNotifications = recipientNotifications
        self.holdReason = holdReason
        self.notBefore = notBefore
        self.expiresAfterSeconds = expiresAfterSeconds
    }
}

/// Where a delivery went.
public struct DeliveryReceipt: Equatable, Sendable {
    public struct Copy: Equatable, Sendable {
        public var account: AccountID
        public var mailbox: MailboxID
        public var uidValidity: UIDValidity
        public var uid: UID
        public var messageID: Int64
    }

    /// In the order of the copies asked for.
    public var copies: [Copy]
    /// In the order of the entries asked for.
    public var queueIDs: [Int64]
}
