public import MailCore

/// One act in the life of a message, written in the transaction of the act itself.
public struct MessageEvent: Equatable, Sendable {
    public enum Kind: Int64, CaseIterable, Sendable {
        /// Not taken by SMTP with 5xx; `detail` is the reply and why.
        case refused = 1
        /// Not taken with 4xx.
        case deferred = 2
        /// By the MDA into a folder.
        case delivered = 3
        /// By IMAP APPEND.
        case appended = 4
        case copied = 5
        /// Into the folder named.
        case moved = 6
        /// Out of the folder named; it can be brought back until it is purged.
        case expunged = 7
        /// By `postino undelete`.
        case broughtBack = 8
        case fetchedByPOP3 = 9
        /// Erased: only backups may still hold it.
        case purged = 10
        case queued = 11
        /// One attempt that failed for now, with the other server's reply.
        case attempted = 12
        /// The other server took it.
        case sent = 13
        /// Given up; the sender was told.
        case bounced = 14
        case held = 15
        case released = 16
        /// By `check --repair`.
        case recovered = 17
        /// Taken out of the queue by command; nobody was told.
        case dropped = 18
        /// By command: it goes another way.
        case rerouted = 19
    }

    /// Of the trail.
    public var trail: Int64
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var at: Int64
    public var kind: Kind
    public var account: AccountID?
    /// A recipient, or who did it.
    public var address: String?
    public var mailbox: String?
    public var uid: UID?
    public var detail: String?
}

/// A message as it came: what its events have in common.
public struct Trail: Equatable, Sendable {
    public var id: Int64
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var at: Int64
    public var origin: Origin
    /// The Message-ID field, without < and >.
    public var messageID: String
    /// Decoded, at most 200 octets of it.
    public var subject: String
    public var octets: Int
}
