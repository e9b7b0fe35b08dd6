public import MailCore

/// An expunged message that can still be brought back.
public struct KeptMessage: Equatable, Sendable {
    /// Names it: the mailbox it was in, and its UID there.
    public struct Key: Hashable, Sendable {
        public var mailbox: MailboxID
        public var uid: UID

        public init(mailbox: MailboxID, uid: UID) {
            self.mailbox = mailbox
            self.uid = uid
        }
    }

    public var key: Key
    public var messageID: Int64
    /// What the mailbox was called then.
    public var mailboxName: String
    public var size: Int
    /// Seconds since 1970.
    public var internalDate: Int64
    public var expungedAt: Int64
    /// "imap", "pop3", "delete" (with its folder).
    public var actor: String
    /// As its trail has it; empty when that is gone.
    public var subject: String
    public var reversePath: String
}

/// Which of them are meant; nil is no condition.
public struct KeptFilter: Equatable, Sendable {
    public var mailboxName: String?
    /// Expunged at or after it, in seconds since 1970.
    public var since: Int64?
    public var until: Int64?
    /// Words of the subject, without regard to the case of ASCII letters.
    public var subject: String?
    public var messageID: Int64?

    public init(
        mailboxName: String? = nil, since: Int64? = nil, until: Int64? = nil, subject: String? = nil,
        messageID: Int64? = nil
    ) {
        self.mailboxName = mailboxName
        self.since = since
        self.until = until
        self.subject = subject
        self.messageID = messageID
    }
}
