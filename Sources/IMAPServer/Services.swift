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
    /// A client that waits for a long command is told so this often (RFC 9585 §3).
    public var progressSeconds = 10.0
    let views = ViewCache()
    let claims = RecentClaims()

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
            var configuration = configuration
            configuration.offersSCRAM = registry.offersSCRAM
            // Not all at once: what began together would else be told together, every time.
            if let seconds = configuration.idleKeepAliveSeconds, seconds > 3 {
                configuration.idleKeepAliveSeconds = seconds - Int.random(in: 0...seconds / 4)
            }
            return (
                IMAP.ServerSession(configuration, hasTLS: facts.tls != nil),
                MailboxSession(
                    services: self, facts: facts, waker: waker, messageOctetsMax: configuration.messageOctetsMax)
            )
        }
    }
}
