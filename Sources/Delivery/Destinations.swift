public import MailCore

/// Where the recipients of one message lead, aliases followed to their ends.
public struct Destinations: Equatable, Sendable {
    /// One mailbox that gets a copy.
    public struct Local: Equatable, Sendable {
        public var account: AccountID
        /// The address as it was written to, for Delivered-To.
        public var original: EmailAddress
    }

    /// Each account once, however many addresses of it were named.
    public var local: [Local] = []
    /// Each address once.
    public var remote: [EmailAddress] = []
    /// By remote address: the one that was written to.
    public var remoteOriginals: [EmailAddress: EmailAddress] = [:]
    /// Aliases whose targets do not exist any more, or that lead in a circle; for the log.
    public var dead: [EmailAddress] = []

    public var isEmpty: Bool { local.isEmpty && remote.isEmpty }
}
