public import DNS
public import Delivery
public import Directory
public import Filter
public import MailCore
public import MessageStore

/// What holds for people who send from here.
public struct SubmissionPolicy: Sendable {
    /// What one account may send.
    public var limits = SendingLimits()
    /// From and Sender must be the account's own, as the reverse-path must.
    public var checksFrom = true
    /// Received lines do not tell where a person was.
    public var hidesClient = false

    public init() {}
}

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
    public var submission = SubmissionPolicy()
    /// What strangers did lately.
    public var clients: Clients
    /// Waits before a reply to a stranger who guesses.
    public var pause: @Sendable (_ seconds: Int) async -> Void = { seconds in
        try? await Task.sleep(for: .seconds(seconds))
    }
    /// Seconds since 1970-01-01T00:00:00Z.
    public var now: @Sendable () -> Int64

    public init(
        registry: Registry, store: MessageStore, pipeline: Pipeline, delivery: Agent, resolver: any Resolver,
        hostname: String, trustedNetworks: [IPNetwork] = [], limits: ClientLimits = ClientLimits(),
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
        clients = Clients(limits, now: now)
    }
}
