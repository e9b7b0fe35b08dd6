public import MIME
public import MailCore

/// A finished message and the circumstances under which it came: what the pipeline looks at.
public struct Examination: Sendable {
    public enum Origin: Hashable, Sendable {
        /// Another mail system, on port 25: everything is judged.
        case stranger
        /// Somebody who logged in: neither SPF nor the classifier; viruses and loops all the same.
        case submission(AccountID)
        /// A client of a network that may send anywhere without a login, treated like one that did.
        case trustedNetwork
    }

    public enum Content: Hashable, Sendable {
        /// `message.octets` is all of it.
        case inMemory
        /// The whole is in this file, which stays as it is until the verdict; `message` is read from its beginning.
        case spooled(path: String)
    }

    public var origin: Origin
    public var client: IPAddress
    /// As the client said it.
    public var helo: String
    public var reversePath: ReversePath
    /// The local accounts it is for, each once.
    public var recipients: [AccountID]
    /// As it came, with our own `Received` in front or without.
    public var message: Message
    public var content: Content
    /// Names the octets (their SHA-256 in hexadecimal), so that a message that stops the scanner is remembered.
    public var digest: String?
    /// When it came, seconds since 1970-01-01T00:00:00Z.
    public var unixSeconds: Int64

    public init(
        origin: Origin, client: IPAddress, helo: String, reversePath: ReversePath, recipients: [AccountID],
        message: Message, content: Content = .inMemory, digest: String? = nil, unixSeconds: Int64
    ) {
        self.origin = origin
        self.client = client
        self.helo = helo
        self.reversePath = reversePath
        self.recipients = recipients
        self.message = message
        self.content = content
        self.digest = digest
        self.unixSeconds = unixSeconds
    }

    var isStranger: Bool { origin == .stranger }
}
