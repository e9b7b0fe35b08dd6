public import MailCore

/// What came with a message besides its octets and its paths: what next hops must be able to do, and what its sender wants
/// to be told (RFC 3461).
public struct MessageRequest: Equatable, Sendable {
    public var needs: MessageNeeds
    public var notification: MessageNotification
    /// By the address that was written to.
    public var recipients: [EmailAddress: RecipientNotification]
    /// It came from a network that is trusted like somebody who has logged in.
    public var isTrusted = false

    public init(
        needs: MessageNeeds = [], notification: MessageNotification = MessageNotification(),
        recipients: [EmailAddress: RecipientNotification] = [:]
    ) {
        self.needs = needs
        self.notification = notification
        self.recipients = recipients
    }

    /// What goes on to a remote address.
    ///
    /// RFC 3461 §5.2.7.3: an alias passes NOTIFY on, and names the address that was written to as ORCPT unless the sender
    /// did; where that is not US-ASCII it is left out.
    func notification(for remote: EmailAddress, writtenTo original: EmailAddress) -> RecipientNotification? {
        var notification = recipients[original] ?? RecipientNotification()
        let text = "rfc822;\(original)"
        if notification.original == nil, original != remote, text.utf8.count <= 500,
            text.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
        {
            notification.original = text
        }
        return notification == RecipientNotification() ? nil : notification
    }
}
