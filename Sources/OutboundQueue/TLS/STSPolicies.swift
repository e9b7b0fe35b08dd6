import DNS

/// The policies of domains (RFC 8461), each kept for as long as it says, across restarts where there is a file for them.
actor STSPolicies {
    /// Gets the text of a policy from a policy host, over HTTPS with its certificate verified.
    typealias Fetch = @Sendable (_ host: String) async throws -> String
    typealias Found = (policy: STSPolicy?, failure: String?)

    /// So long an answer of the DNS, and a failure, is not asked for again.
    private static let lookSeconds: Int64 = 300
    /// §3.3: before a policy ends it is fetched again, also when its identifier is still the same.
    private static let aheadSeconds: Int64 = 86_400
    /// Of a domain that gets no mail the policy is looked at so often.
    private static let upkeepSeconds: Int64 = 86_400
    /// Domains looked at in one round of that.
    private static let upkeepMax = 100
    private static let savedSeconds: Int64 = 60

    struct Known: Sendable, Equatable {
        var policy: STSPolicy?
        /// As it was fetched.
        var text = ""
        var identifier = ""
        var expiresAt: Int64 = 0
        var fetchedAt: Int64 = 0
        var lookedAt: Int64 = .min
    }

    private let resolver: any Resolver
    private let fetch: Fetch
    private let file: STSCacheFile?
    private var known: [String: Known] = [:]
    /// What is being looked up.
    private var looks: [String: Task<Found, Never>] = [:]
    private var isLoaded = false
    private var isChanged = false
    private var savedAt: Int64 = 0

    init(resolver: any Resolver, file: STSCacheFile? = nil, fetch: @escaping Fetch) {
        self.resolver = resolver
        self.file = file
        self.fetch = fetch
    }

    /// - Returns: no policy when the domain has none, or none that can be had: then it is as if it had none (§3.3); and in a
    ///   word of RFC 8460 §4.3 why one that is there cannot be had.
    func policy(of domain: String, now: Int64) async -> Found {
        await load()
        if let entry = known[domain], entry.lookedAt > now - Self.lookSeconds {
            return (entry.expiresAt > now ? entry.policy : nil, nil)
        }
        // Whoever wants it meanwhile waits for the same answer.
        if let running = looks[domain] { return (await Self.wait(for: running).policy, nil) }
        let look = Task { await self.look(at: domain, now) }
        looks[domain] = look
        let found = await Self.wait(for: look)
        await save(now)
        return found
    }

    /// Who is cancelled is so since all is to end: nobody waits for a policy then.
    private static func wait(for look: Task<Found, Never>) async -> Found {
        await withTaskCancellationHandler {
            await look.value
        } onCancel: {
            look.cancel()
        }
    }

    /// Looks again at policies that nobody asked for of late, so that they do not end unseen.
    func keepUp(now: Int64) async {
        await load()
        let old = known.filter { $0.value.policy != nil && $0.value.fetchedAt <= now - Self.upkeepSeconds }
        for domain in old.sorted(by: { $0.value.expiresAt < $1.value.expiresAt }).prefix(Self.upkeepMax).map(\.key) {
            guard !Task.isCancelled else { return }
            _ = await policy(of: domain, now: now)
        }
        await save(now)
    }

    /// The policy that is in force, and its text, as far as they are known.
    func applied(to domain: String, now: Int64) async -> (policy: STSPolicy, text: String)? {
        await load()
        guard let entry = known[domain], entry.expiresAt > now, let policy = entry.policy else { return nil }
        return (policy, entry.text)
    }

    /// Before the end.
    func save(_ now: Int64, isLast: Bool = false) async {
        guard let file, isChanged, isLast || now >= savedAt + Self.savedSeconds else { return }
        isChanged = false
        savedAt = now
        await file.save(known)
    }

    private func load() async {
        guard !isLoaded, let file else { return }
        let kept = await file.load()
        // Another may have been here meanwhile.
        guard !isLoaded else { return }
        isLoaded = true
        known.merge(kept) { current, _ in current }
    }

    private func look(at domain: String, _ now: Int64) async -> Found {
        defer { looks[domain] = nil }
        var entry = known[domain] ?? Known()
        if entry.expiresAt <= now { entry.policy = nil }
        entry.lookedAt = now
        var failure: String?
        // §3.3: a policy that is known stays in force when the DNS says nothing new, and when it cannot be had anew.
        if let identifier = await identifier(of: domain), isWanted(identifier, entry, now) {
            do {
                let text = try await fetch("mta-sts.\(domain)")
                if let policy = STSPolicy(text) {
                    entry = Known(
                        policy: policy, text: text, identifier: identifier, expiresAt: now + policy.maxAgeSeconds,
                        fetchedAt: now, lookedAt: now)
                    isChanged = true
                } else {
                    failure = "sts-policy-invalid"
                }
            } catch {
                failure = "sts-policy-fetch-error"
            }
        }
        if known.count >= STSCacheFile.entriesMax, known[domain] == nil { forget(now) }
        known[domain] = entry
        return (entry.policy, failure)
    }

    private func isWanted(_ identifier: String, _ entry: Known, _ now: Int64) -> Bool {
        guard entry.policy != nil, identifier == entry.identifier else { return true }
        return entry.expiresAt - now < min(Self.aheadSeconds, (entry.expiresAt - entry.fetchedAt) / 2)
    }

    /// Makes room: domains without a policy first, which cost a look-up to know again.
    private func forget(_ now: Int64) {
        known = known.filter { $0.value.policy != nil && $0.value.expiresAt > now }
        guard known.count >= STSCacheFile.entriesMax else { return }
        let soonest = known.sorted { $0.value.expiresAt < $1.value.expiresAt }.prefix(known.count / 4)
        for entry in soonest { known[entry.key] = nil }
    }

    /// §3.1: exactly one record.
    private func identifier(of domain: String) async -> String? {
        let texts = await resolver.texts(of: "_mta-sts.\(domain)").elements
        let found = texts.prefix(100).compactMap { STSPolicy.identifier(String(decoding: $0, as: UTF8.self)) }
        return found.count == 1 ? found.first : nil
    }
}
