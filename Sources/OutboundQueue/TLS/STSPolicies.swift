import DNS

/// The policies of domains (RFC 8461), each fetched once and kept for as long as it says.
actor STSPolicies {
    /// Gets the text of a policy from a policy host, over HTTPS with its certificate verified.
    typealias Fetch = @Sendable (_ host: String) async throws -> String

    /// Domains that are remembered.
    private static let domainsMax = 10_000
    /// So long an answer of the DNS, and a failure, is not asked for again.
    private static let lookSeconds: Int64 = 300

    private struct Known: Sendable {
        var policy: STSPolicy?
        var identifier = ""
        var expiresAt: Int64 = 0
        var lookedAt: Int64 = .min
    }

    private let resolver: any Resolver
    private let fetch: Fetch
    private var known: [String: Known] = [:]

    init(resolver: any Resolver, fetch: @escaping Fetch) {
        self.resolver = resolver
        self.fetch = fetch
    }

    /// - Returns: no policy when the domain has none, or none that can be had: then it is as if it had none (§3.3); and in a
    ///   word of RFC 8460 §4.3 why one that is there cannot be had.
    func policy(of domain: String, now: Int64) async -> (policy: STSPolicy?, failure: String?) {
        var entry = known[domain] ?? Known()
        if entry.expiresAt <= now { entry.policy = nil }
        // §3.3: a policy that is known stays in force when the DNS says nothing new.
        guard entry.lookedAt <= now - Self.lookSeconds else { return (entry.policy, nil) }
        entry.lookedAt = now
        var failure: String?
        if let identifier = await identifier(of: domain), identifier != entry.identifier || entry.policy == nil {
            do {
                if let policy = STSPolicy(try await fetch("mta-sts.\(domain)")) {
                    entry.policy = policy
                    entry.identifier = identifier
                    entry.expiresAt = now + policy.maxAgeSeconds
                } else {
                    failure = "sts-policy-invalid"
                }
            } catch {
                failure = "sts-policy-fetch-error"
            }
        }
        if known.count >= Self.domainsMax { known = [:] }
        known[domain] = entry
        return (entry.policy, failure)
    }

    /// §3.1: exactly one record.
    private func identifier(of domain: String) async -> String? {
        let texts = await resolver.texts(of: "_mta-sts.\(domain)").elements
        let found = texts.prefix(100).compactMap { STSPolicy.identifier(String(decoding: $0, as: UTF8.self)) }
        return found.count == 1 ? found.first : nil
    }
}
