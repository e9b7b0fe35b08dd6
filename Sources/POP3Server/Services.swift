public import Directory
public import MessageStore

/// What the POP3 sessions of a server share.
public struct Services: Sendable {
    public var registry: Registry
    public var store: MessageStore
    /// One for the whole process, also when several listeners speak POP3.
    public var locks: MaildropLocks

    public init(registry: Registry, store: MessageStore, locks: MaildropLocks) {
        self.registry = registry
        self.store = store
        self.locks = locks
    }
}
