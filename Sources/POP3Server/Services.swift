public import Directory
import Glibc
public import MessageStore

/// What the POP3 sessions of a server share.
public struct Services: Sendable {
    public var registry: Registry
    public var store: MessageStore
    /// One for the whole process, also when several listeners speak POP3.
    public var locks: MaildropLocks
    /// Seconds that must lie between two logins to one maildrop; 0: none.
    public var loginDelaySeconds: Int
    /// Seconds since 1970-01-01T00:00:00Z.
    public var now: @Sendable () -> Int64

    public init(
        registry: Registry, store: MessageStore, locks: MaildropLocks, loginDelaySeconds: Int = 0,
        now: @escaping @Sendable () -> Int64 = Services.unixSeconds
    ) {
        self.registry = registry
        self.store = store
        self.locks = locks
        self.loginDelaySeconds = loginDelaySeconds
        self.now = now
    }

    public static func unixSeconds() -> Int64 { Int64(time(nil)) }
}
