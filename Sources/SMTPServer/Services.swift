public import DNS
public import Delivery
public import Directory
public import Filter
public import MailCore
public import MessageStore

/// What the sessions of a listener share.
public struct Services: Sendable {
    public var registry: Registry
    public var store: MessageStore
    public var pipeline: Pipeline
    public var delivery: Agent
    public var resolver: any Resolver
    /// This server's name, in Received and Authentication-Results.
    public var hostname: String
    /// Clients from here are no strangers: mail of theirs is relayed. Empty unless the configuration names some.
    public var trustedNetworks: [IPNetwork]
    /// Seconds since 1970-01-01T00:00:00Z.
    public var now: @Sendable () -> Int64

    public init(
        registry: Registry, store: MessageStore, pipeline: Pipeline, delivery: Agent, resolver: any Resolver,
        hostname: String, trustedNetworks: [IPNetwork] = [],
        now: @escaping @Sendable () -> Int64
    ) {
        self.registry = registry
        self.store = store
        self.pipeline = pipeline
        self.delivery = delivery
        self.resolver = resolver
        self.hostname = hostname
        self.trustedNetworks = trustedNetworks
        self.now = now
    }
}
