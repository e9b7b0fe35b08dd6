public import MailCore

/// Where mail to an address goes.
public enum Resolution: Equatable, Sendable {
    /// An account, and its own address without tag.
    case account(AccountID, EmailAddress)
    /// An account that sends its mail on; each target is to be resolved in turn. The mailbox gets it, too, when it keeps a
    /// copy.
    case forwarding(AccountID, EmailAddress, targets: [EmailAddress], keepsCopy: Bool)
    /// An account to which mail is refused for now; strangers are told why.
    case refused(EmailAddress, reason: String)
    /// An alias: each target, local or remote, is to be resolved in turn. Who does so bounds the depth, since aliases
    /// may form a loop.
    case forward([EmailAddress])
    /// An alias to which only its own targets may write.
    case membersOnly([EmailAddress])
    /// The domain is ours, the mailbox does not exist.
    case unknownMailbox
    case notLocal
}

/// A domain as it is listed.
public struct DomainRow: Equatable, Sendable {
    public var name: String
    /// The domain whose addresses it has.
    public var aliasOf: String?
    public var accounts: Int
    /// Addresses that are aliases, the catch-all among them.
    public var aliases: Int
    /// Seconds since 1970-01-01T00:00:00Z.
    public var createdAt: Int64
}

/// One target of one alias.
public struct AliasRow: Equatable, Sendable {
    /// With an empty local part: the catch-all.
    public var address: EmailAddress
    public var target: EmailAddress
    /// Only its targets may write to it.
    public var isMembersOnly: Bool

    public init(address: EmailAddress, target: EmailAddress, isMembersOnly: Bool = false) {
        self.address = address
        self.target = target
        self.isMembersOnly = isMembersOnly
    }
}
