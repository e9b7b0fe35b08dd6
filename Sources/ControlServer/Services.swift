public import Control
public import MailCore
public import SQLite

// What the administrator's commands need of services that live beside the directory. The appliance hands them in.

/// An account's mail.
public protocol AccountStorage: Sendable {
    func createAccount(_ id: AccountID, domain: DomainID, in transaction: WriteTransaction) throws
    func removeAccount(_ id: AccountID, in transaction: WriteTransaction) throws
    func usage(of id: AccountID) async throws -> AccountUsage
    func folders(of id: AccountID) async throws -> [FolderFacts]
}

public struct AccountUsage: Equatable, Sendable {
    public var octets: Int64
    public var messages: Int

    public init(octets: Int64, messages: Int) {
        self.octets = octets
        self.messages = messages
    }
}

public struct FolderFacts: Equatable, Sendable {
    public var name: String
    public var messages: Int
    public var unseen: Int
    public var octets: Int64

    public init(name: String, messages: Int, unseen: Int, octets: Int64) {
        self.name = name
        self.messages = messages
        self.unseen = unseen
        self.octets = octets
    }
}

/// The queue of outgoing mail.
public protocol QueueControl: Sendable {
    /// At most `limit` recipients, oldest first.
    func list(_ filter: QueueFilter, limit: Int) async throws -> [QueueItem]
    /// Makes them due now, held ones too. How many they are.
    func retry(_ filter: QueueFilter) async throws -> Int
}

/// One recipient of one queued message.
public struct QueueItem: Equatable, Sendable {
    public var id: Int64
    public var sender: ReversePath
    public var recipient: EmailAddress
    public var octets: Int64
    /// Seconds since 1970-01-01T00:00:00Z.
    public var queuedAt: Int64
    /// Seconds since 1970-01-01T00:00:00Z; nil while it is held.
    public var nextAttemptAt: Int64?
    public var attempts: Int
    /// What the other server, or our own attempt, said last; or why it is held.
    public var lastReply: String?

    public init(
        id: Int64, sender: ReversePath, recipient: EmailAddress, octets: Int64, queuedAt: Int64, nextAttemptAt: Int64?,
        attempts: Int, lastReply: String?
    ) {
        self.id = id
        self.sender = sender
        self.recipient = recipient
        self.octets = octets
        self.queuedAt = queuedAt
        self.nextAttemptAt = nextAttemptAt
        self.attempts = attempts
        self.lastReply = lastReply
    }
}

/// Backups of this server.
public protocol BackupControl: Sendable {
    /// The names of the sets that hold the octets of a segment up to `end`.
    func sets(holding segment: Int64, upTo end: Int) async throws -> [String]
    /// Makes a set and returns when it is complete.
    func now(progress: @escaping @Sendable (String) -> Void) async throws -> BackupSet
    /// Oldest first.
    func list() async throws -> [BackupSet]
    /// Proves a set, the newest when it is nil; nil when there is none of that name.
    func verify(_ name: String?, progress: @escaping @Sendable (String) -> Void) async throws -> BackupProof?
}

public struct BackupSet: Equatable, Sendable {
    public var name: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public var createdAt: Int64
    /// What a restore would read.
    public var octets: Int64
    /// What this set added to the target.
    public var octetsAdded: Int64
    public var messages: Int64?
    /// "not verified", "proven", or "failed: " and why.
    public var state: String

    public init(
        name: String, createdAt: Int64, octets: Int64, octetsAdded: Int64, messages: Int64? = nil, state: String
    ) {
        self.name = name
        self.createdAt = createdAt
        self.octets = octets
        self.octetsAdded = octetsAdded
        self.messages = messages
        self.state = state
    }
}

public struct BackupProof: Equatable, Sendable {
    public var set: String
    /// What is wrong, a sentence each; empty when the set is proven.
    public var findings: [String]
    public var bodiesRead: Int

    public init(set: String, findings: [String], bodiesRead: Int) {
        self.set = set
        self.findings = findings
        self.bodiesRead = bodiesRead
    }
}

/// The classifier that learns.
public protocol SpamControl: Sendable {
    /// Learns whole messages; durable when it returns.
    func learn(_ messages: [[UInt8]], as kind: SpamClass) async throws -> LearnOutcome
}

public struct LearnOutcome: Equatable, Sendable {
    /// Learned now, for the first time or in place of the other class.
    public var learned: Int
    /// Known as this class before; nothing was done with them.
    public var known: Int

    public init(learned: Int, known: Int) {
        self.learned = learned
        self.known = known
    }
}

/// The running server's state.
public protocol StatusSource: Sendable {
    /// A record for each part: listeners, queue, scanner, backup …
    func reports() async -> [Report]
}
