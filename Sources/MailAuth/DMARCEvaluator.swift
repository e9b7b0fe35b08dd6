public import DNS

/// What a DKIM signature came to, as DMARC needs it (RFC 8601 §2.7.1).
public struct DKIMResult: Equatable, Sendable {
    public enum Result: String, Equatable, Sendable {
        case none
        case pass
        case fail
        case policy
        case neutral
        case temperror
        case permerror
    }

    public var result: Result
    /// `d=` of the signature.
    public var domain: String

    public init(result: Result, domain: String) {
        self.result = result
        self.domain = domain
    }
}

/// What DMARC says of a message.
public struct DMARCOutcome: Equatable, Sendable {
    public enum Result: String, Equatable, Sendable {
        /// The domain publishes no policy.
        case none
        case pass
        case fail
        /// It might be either: a look-up failed.
        case temperror
        /// The record, or the domain of From, cannot be read.
        case permerror
    }

    public var result: Result
    /// Of From.
    public var domain: String
    /// What the domain wants done with messages that fail; set when a policy was found.
    public var requested: DMARCPolicy.Disposition?
    public var policy: DMARCPolicy?
    /// For the log.
    public var reason: String
}

/// Judges messages by the DMARC policies of the domains in From (RFC 7489).
public struct DMARCEvaluator: Sendable {
    let resolver: any Resolver
    let suffixes: PublicSuffixList
    let millisecondsMax: Int

    /// - Parameter millisecondsMax: for the look-ups of one message.
    public init(resolver: any Resolver, suffixes: PublicSuffixList, millisecondsMax: Int = 10_000) {
        self.resolver = resolver
        self.suffixes = suffixes
        self.millisecondsMax = millisecondsMax
    }

    /// - Parameters:
    ///   - fromDomain: the domain of the one address in From; what to do with none or several is the caller's policy.
    ///   - spf: the outcome for MAIL FROM (RFC 7489 §3.1.2), nil when it was not checked.
    ///   - dkim: of every signature that was verified.
    public func evaluate(fromDomain: String, spf: SPFOutcome?, dkim: [DKIMResult]) async -> DMARCOutcome {
        let domain = PublicSuffixList.key(fromDomain)
        guard DomainName.isQueryable(domain), domain != "." else {
            return DMARCOutcome(result: .permerror, domain: fromDomain, reason: "From has no usable domain")
        }
        let found = await TimeLimit.run(milliseconds: millisecondsMax) { await discover(domain) }
        switch found ?? .temporaryFailure("no policy within \(millisecondsMax) ms") {
        case .none: return DMARCOutcome(result: .none, domain: fromDomain, reason: "no policy published")
        case .temporaryFailure(let why): return DMARCOutcome(result: .temperror, domain: fromDomain, reason: why)
        case .malformed(let name):
            return DMARCOutcome(result: .permerror, domain: fromDomain, reason: "the record of \(name) cannot be read")
        case .policy(let policy, let name):
            let requested = name == domain ? policy.domain : policy.subdomains
            let (result, reason) = judge(domain, policy, spf, dkim)
            return DMARCOutcome(
                result: result, domain: fromDomain, requested: requested, policy: policy, reason: reason)
        }
    }

    private enum Discovery: Sendable {
        case policy(DMARCPolicy, domain: String)
        case none
        case malformed(String)
        case temporaryFailure(String)
    }

    /// RFC 7489 §6.6.3: at the domain, then at its organisational domain.
    private func discover(_ domain: String) async -> Discovery {
        let organisation = suffixes.organisationalDomain(of: domain)
        for name in organisation == domain ? [domain] : [domain, organisation] {
            switch await resolver.texts(of: "_dmarc." + name) {
            case .found(let texts, _):
                let records = texts.filter { DMARCPolicy.isRecord($0) }
                guard let record = records.first else { continue }
                // Item 5: several are as good as none.
                guard records.count == 1 else { return .none }
                return DMARCPolicy(record).map { .policy($0, domain: name) } ?? .malformed(name)
            case .noData, .nameError: continue
            case .temporaryFailure(let why): return .temporaryFailure("_dmarc.\(name): \(why)")
            }
        }
        return .none
    }

    /// RFC 7489 §3.1, §6.6.2: one aligned pass is enough.
    private func judge(
        _ domain: String, _ policy: DMARCPolicy, _ spf: SPFOutcome?, _ dkim: [DKIMResult]
    ) -> (DMARCOutcome.Result, String) {
        var isUncertain = false
        for signature in dkim where areAligned(signature.domain, domain, policy.dkimAlignment) {
            if signature.result == .pass { return (.pass, "DKIM of \(signature.domain) is aligned") }
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
