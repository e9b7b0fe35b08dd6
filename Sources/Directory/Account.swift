public import MailCore

/// A person's login, and where mail to `address` is kept.
public struct Account: Hashable, Sendable {
    public var id: AccountID
    /// In lower case.
    public var address: EmailAddress

    public init(id: AccountID, address: EmailAddress) {
        self.id = id
        self.address = address
    }
}

/// An account as it is listed.
public struct AccountRow: Equatable, Sendable {
    public var account: Account
    /// Set when it may not log in; mail to it is still taken.
    public var disabledReason: String?
    /// Seconds since 1970-01-01T00:00:00Z.
    public var createdAt: Int64
}

/// An account to be.
public struct NewAccount: Sendable {
    public var address: EmailAddress
    public var password: String

    public init(address: EmailAddress, password: String) {
        self.address = address
        self.password = password
    }
}

/// What a login name and a password are worth.
public enum Authentication: Equatable, Sendable {
    case ok(Account)
    /// The name or the password; which of them is nobody's business, and takes the same time.
    case wrong
    /// Both are right, but an administrator closed the account.
    case disabled(reason: String)
}
