public import MailCore

/// One recipient of a transaction, with what stood behind its path (RFC 3461 §4.1 and §4.2).
public struct Recipient: Hashable, Sendable, CustomStringConvertible {
    public var path: ForwardPath
    /// NOTIFY and ORCPT.
    public var notification: RecipientNotification

    public init(_ path: ForwardPath, notification: RecipientNotification = RecipientNotification()) {
        self.path = path
        self.notification = notification
    }

    /// The path with its angle brackets.
    public var description: String { path.description }

    public var address: EmailAddress? { path.address }
}
