public import MailCore

/// Rights of somebody on another's mailbox.
public struct MailboxShare: Equatable, Sendable {
    public enum Grantee: Hashable, Sendable {
        case account(AccountID)
        /// Every account of the owner's domain.
        case domain
    }

    public var grantee: Grantee
    /// At least one.
    public var rights: MailboxRights

    /// Nil where it is for a domain.
    public var account: AccountID? {
        if case .account(let account) = grantee { account } else { nil }
    }

    public init(_ grantee: Grantee, _ rights: MailboxRights) {
        self.grantee = grantee
        self.rights = rights
    }
}

/// Another's mailbox, and what an account may do with it.
public struct SharedMailbox: Equatable, Sendable {
    public var row: MailboxRow
    public var rights: MailboxRights

    public init(_ row: MailboxRow, _ rights: MailboxRights) {
        self.row = row
        self.rights = rights
    }
}
