public import MailCore

/// Where mail to an address goes.
public enum Resolution: Equatable, Sendable {
    /// An account, and its own address without tag.
    case account(AccountID, EmailAddress)
    /// An alias: each target, local or remote, is to be resolved in turn. Who does so bounds the depth, since aliases
    /// may form a loop.
    case forward([EmailAddress])
    /// The domain is ours, the mailbox does not exist.
    case unknownMailbox
    case notLocal
}

/// A domain as it is listed.
public struct DomainRow: Equatable, Sendable {
    public var name: String
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

    public init(address: EmailAddress, target: EmailAddress) {
        self.address = address
        self.target = target
    }
}
