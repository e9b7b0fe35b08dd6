public import MailCore

/// Which messages a trace is about. Everything that is set must match; nothing set means the newest.
public struct TrailFilter: Equatable, Sendable {
    /// The Message-ID field, with or without < and >.
    public var messageID: String?
    /// A sender, a recipient, or who was logged in.
    public var address: String?
    /// The account that `address` is, if it is one.
    public var account: AccountID?
    /// Words that the subject has, in any order; without regard to the case of ASCII letters.
    public var subjectWords: [String] = []
    /// What the log calls a connection, or one transaction of it.
    public var session: String?
    /// In seconds since 1970-01-01T00:00:00Z.
    public var since: Int64?
    public var until: Int64?

    public init() {}
}

/// The life of one message, in the order of time.
public struct Timeline: Equatable, Sendable {
    public struct VerdictOf: Equatable, Sendable {
        public var account: AccountID
        /// JSON, as the filter made it.
        public var verdict: String
    }

    public var trail: Trail
    public var events: [MessageEvent]
    public var verdicts: [VerdictOf]
}
