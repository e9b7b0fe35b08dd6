// What commands about stored mail say. Times are seconds since 1970-01-01T00:00:00Z, sizes octets.

/// What is to change of a quota or a retention time; nil stays as it is, 0 takes a limit away.
public struct QuotaChange: Codable, Equatable, Sendable {
    public var octets: Int64?
    public var messages: Int64?
    /// Of a domain only: days that expunged mail is kept; -1 for the server's own time.
    public var keptDays: Int?

    public init(octets: Int64? = nil, messages: Int64? = nil, keptDays: Int? = nil) {
        self.octets = octets
        self.messages = messages
        self.keptDays = keptDays
    }
}

/// Which expunged messages are meant. Everything that is set must match.
public struct DeletedFilter: Codable, Equatable, Sendable {
    public var folder: String?
    public var since: Int64?
    public var until: Int64?
    /// Words of the subject, as they stand there.
    public var subject: String?
    /// The Message-ID field.
    public var messageID: String?

    public init(
        folder: String? = nil, since: Int64? = nil, until: Int64? = nil, subject: String? = nil,
        messageID: String? = nil
    ) {
        self.folder = folder
        self.since = since
        self.until = until
        self.subject = subject
        self.messageID = messageID
    }
}

/// One message of a mailbox.
public enum MessageName: Codable, Equatable, Sendable {
    case messageID(String)
    case place(folder: String, uid: UInt32)
}

/// Which messages a trace is about. Everything that is set must match.
public struct TraceFilter: Codable, Equatable, Sendable {
    public var messageID: String?
    public var address: String?
    public var subject: [String] = []
    public var session: String?
    public var since: Int64?
    public var until: Int64?
    /// Messages that are shown, the newest first.
    public var limit = 20

    public init() {}
}
