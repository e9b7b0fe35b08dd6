/// How a message came to this server, for its trail.
public struct Origin: Equatable, Sendable {
    public enum Kind: Int64, Sendable {
        /// SMTP from another server.
        case exchange = 0
        /// SMTP from a mail program.
        case submission = 1
        /// IMAP APPEND.
        case append = 2
        /// Made here: a bounce, a warning.
        case notice = 3
        /// Found by `check --repair` or brought back from a backup.
        case recovered = 4
    }

    public var kind: Kind
    /// What the log calls the session and its transaction; empty where there is none.
    public var session: String
    /// The other side's address.
    public var client: String
    /// Who was logged in; empty for a stranger.
    public var login: String
    /// As in MAIL FROM, without the brackets; empty for the null one.
    public var reversePath: String

    public init(_ kind: Kind, session: String = "", client: String = "", login: String = "", reversePath: String = "") {
        self.kind = kind
        self.session = session
        self.client = client
        self.login = login
        self.reversePath = reversePath
    }
}
