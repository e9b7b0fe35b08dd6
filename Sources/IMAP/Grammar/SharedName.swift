public import MailCore

/// What a client calls a mailbox of somebody else: `Other Users/ann@example.org/Projects` (RFC 2342 §5).
public struct SharedName: Hashable, Sendable {
    public var owner: EmailAddress
    /// As its owner calls it.
    public var mailbox: MailboxName

    /// The first level of the names of all that others share. Nobody can have a mailbox of one's own there.
    public static let top = "Other Users"
    public static let prefix = "\(top)/"

    public init(owner: EmailAddress, mailbox: MailboxName) {
        self.owner = owner
        self.mailbox = mailbox
    }

    /// Nil for a name that is not in that namespace, or names nothing that a person can share.
    public init?(_ name: MailboxName) {
        guard name.text.hasPrefix(Self.prefix) else { return nil }
        let rest = name.text.dropFirst(Self.prefix.count)
        guard let end = rest.firstIndex(of: MailboxName.delimiter), let owner = EmailAddress(String(rest[..<end])),
            let mailbox = MailboxName(String(rest[rest.index(after: end)...]))
        else { return nil }
        self.init(owner: owner, mailbox: mailbox)
    }

    /// Nil where it would be too long, or cannot be read back: a local part may hold the delimiter.
    public var name: MailboxName? {
        let address = "\(owner)"
        guard !address.contains(MailboxName.delimiter) else { return nil }
        return MailboxName("\(Self.prefix)\(address)/\(mailbox.text)")
    }

    /// Whether a name is in that namespace, its top included.
    public static func contains(_ name: MailboxName) -> Bool {
        name.text == top || name.text.hasPrefix(prefix)
    }
}
