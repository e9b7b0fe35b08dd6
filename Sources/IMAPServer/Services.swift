public import Directory
public import Execution
import Glibc
public import IMAP
import MailCore
public import MessageStore
public import Transport

/// What the IMAP sessions of a server share.
public struct Services: Sendable {
    public var registry: Registry
    public var store: MessageStore
    /// Renders and searches.
    public var cpu: BlockingPool
    /// Told to a client that asks by ID (RFC 2971); empty tells none.
    public var version: String
    /// Seconds since 1970-01-01T00:00:00Z: INTERNALDATE of what is appended without one.
    public var now: @Sendable () -> Int64
    let views = ViewCache()

    public init(
        registry: Registry, store: MessageStore, cpu: BlockingPool, version: String = "",
        now: @escaping @Sendable () -> Int64 = Services.unixSeconds
    ) {
        self.registry = registry
        self.store = store
        self.cpu = cpu
        self.version = version
        self.now = now
    }

    public static func unixSeconds() -> Int64 { Int64(time(nil)) }

    /// For `Transport.Listener`, with TLS from the first octet or without.
    public func sessions(_ configuration: IMAP.ServerConfiguration) -> SessionFactory<MailboxSession> {
        SessionFactory { facts, waker in
            (
                IMAP.ServerSession(configuration, hasTLS: facts.tls != nil),
                MailboxSession(
                    services: self, facts: facts, waker: waker, messageOctetsMax: configuration.messageOctetsMax)
            )
        }
    }
}
