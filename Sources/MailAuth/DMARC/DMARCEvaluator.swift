public import DNS

/// What the DNS says of a domain's DMARC policy.
public enum DMARCDiscovery: Equatable, Sendable {
    /// - Parameter requested: for messages of this domain that fail.
    case policy(DMARCPolicy, requested: DMARCPolicy.Disposition)
    case none
    /// A record that cannot be read, or a domain that cannot be; the text says which.
    case malformed(String)
    case temporaryFailure(String)
}

/// Judges messages by the DMARC policies of the domains in From (RFC 7489).
public struct DMARCEvaluator: Sendable {
    let resolver: any Resolver
    let suffixes: PublicSuffixList
    let millisecondsMax: Int

    /// - Parameter millisecondsMax: for the look-ups of one domain.
    public init(resolver: any Resolver, suffixes: PublicSuffixList, millisecondsMax: Int = 10_000) {
        self.resolver = resolver
        self.suffixes = suffixes
        self.millisecondsMax = millisecondsMax
    }

    /// Discovers and judges.
    ///
    /// - Parameters:
    ///   - fromDomain: the domain of an address in From; where there are several, see `DMARCOutcome.strictest`.
    ///   - spf: the outcome for MAIL FROM (RFC 7489 §3.1.2), nil when it was not checked.
    ///   - dkim: of every signature that was looked at.
    public func evaluate(fromDomain: String, spf: SPFOutcome?, dkim: [DKIMOutcome]) async -> DMARCOutcome {
        judge(await discover(fromDomain), fromDomain: fromDomain, spf: spf, dkim: dkim)
    }

    /// RFC 7489 §6.6.3: at the domain, then at its organisational domain.
    public func discover(_ fromDomain: String) async -> DMARCDiscovery {
        let domain = PublicSuffixList.key(fromDomain)
        guard DomainName.isQueryable(domain), domain != "." else { return .malformed("From has no usable domain") }
        let found = await TimeLimit.run(milliseconds: millisecondsMax) { await lookUp(domain) }
        return found ?? .temporaryFailure("no policy within \(millisecondsMax) ms")
    }

    private func lookUp(_ domain: String) async -> DMARCDiscovery {
        let organisation = suffixes.organisationalDomain(of: domain)
        for name in organisation == domain ? [domain] : [domain, organisation] {
            switch await resolver.texts(of: "_dmarc." + name) {
            case .found(let texts, _):
                let records = texts.filter { DMARCPolicy.isRecord($0) }
                guard let record = records.first else { continue }
                // Item 5: several are as good as none.
                guard records.count == 1 else { return .none }
                guard let policy = DMARCPolicy(record) else {
                    return .malformed("the record of \(name) cannot be read")
                }
                return .policy(policy, requested: await requested(of: domain, policy, at: name))
            case .noData, .nameError: continue
            case .temporaryFailure(let why): return .temporaryFailure("_dmarc.\(name): \(why)")
            }
        }
        return .none
    }

    private func requested(
        of domain: String, _ policy: DMARCPolicy, at name: String
    ) async -> DMARCPolicy.Disposition {
        if name == domain { return policy.domain }
        guard let nonexistent = policy.nonexistentSubdomains, await isNonexistent(domain) else {
            return policy.subdomains
        }
        return nonexistent
    }

    /// RFC 9091 §2.7: it has neither addresses nor mail exchangers. Not known is not nonexistent.
    private func isNonexistent(_ domain: String) async -> Bool {
        async let exchangers = resolver.query(domain, .mx)
        async let ipv6 = resolver.query(domain, .aaaa)
        let answers = [await resolver.query(domain, .a), await ipv6, await exchangers]
        return answers.allSatisfy { answer in
            switch answer {
            case .noData, .nameError: true
            case .records, .bogus, .temporaryFailure: false
            }
        }
    }
}

extension DMARCEvaluator {
    /// RFC 7489 §3.1, §6.6.2: one aligned pass is enough.
    public func judge(
        _ discovery: DMARCDiscovery, fromDomain: String, spf: SPFOutcome?, dkim: [DKIMOutcome]
    ) -> DMARCOutcome {
        switch discovery {
        case .none: return DMARCOutcome(result: .none, domain: fromDomain, reason: "no policy published")
        case .temporaryFailure(let why): return DMARCOutcome(result: .temperror, domain: fromDomain, reason: why)
        case .malformed(let why): return DMARCOutcome(result: .permerror, domain: fromDomain, reason: why)
        case .policy(let policy, let requested):
            let (result, reason) = judge(PublicSuffixList.key(fromDomain), policy, spf, dkim)
            return DMARCOutcome(
                result: result, domain: fromDomain, requested: requested, policy: policy, reason: reason)
        }
    }

    private func judge(
        _ domain: String, _ policy: DMARCPolicy, _ spf: SPFOutcome?, _ dkim: [DKIMOutcome]
    ) -> (DMARCOutcome.Result, String) {
        var isUncertain = false
        // A signature that leaves a From field out says nothing of it.
        for signature in dkim where areAligned(signature.domain, domain, policy.dkimAlignment) {
            if signature.result == .pass, signature.coversFrom {
                return (.pass, "DKIM of \(signature.domain) is aligned")
            }
            if signature.result == .temperror { isUncertain = true }
        }
        if let spf, areAligned(spf.domain, domain, policy.spfAlignment) {
            if spf.result == .pass { return (.pass, "SPF of \(spf.domain) is aligned") }
            if spf.result == .temperror { isUncertain = true }
        }
        return isUncertain ? (.temperror, "an aligned check failed for now") : (.fail, "no aligned pass")
    }

    private func areAligned(_ one: String, _ other: String, _ alignment: DMARCPolicy.Alignment) -> Bool {
        let (one, other) = (PublicSuffixList.key(one), PublicSuffixList.key(other))
        if one == other { return true }
        return alignment == .relaxed
            && suffixes.organisationalDomain(of: one) == suffixes.organisationalDomain(of: other)
    }
}
