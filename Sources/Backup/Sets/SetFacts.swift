/// What is known of one complete set.
public struct SetFacts: Equatable, Sendable {
    public var name: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public var createdAt: Int64
    public var generation: Int64
    /// What a restore would read.
    public var octets: Int64
    /// What this set added to the target.
    public var octetsAdded: Int64
    public var accounts: Int64
    public var messages: Int64
    /// "not verified", "proven", or "failed: " and why.
    public var state: String

    init(_ manifest: Manifest, state: String) {
        name = manifest.name
        createdAt = manifest.createdAt
        generation = manifest.generation
        octets = manifest.octets
        octetsAdded = manifest.octetsAdded
        accounts = manifest.counts.accounts
        messages = manifest.counts.messages
        self.state = state
    }
}

extension SetFacts {
    /// A set whose manifest cannot be read.
    init(unreadable name: String, state: String) {
        self.name = name
        createdAt = Target.time(ofSet: name) ?? 0
        generation = 0
        octets = 0
        octetsAdded = 0
        accounts = 0
        messages = 0
        self.state = state
    }
}
