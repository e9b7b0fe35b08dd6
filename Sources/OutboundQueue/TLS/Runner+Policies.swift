import DNS

extension Runner {
    enum HostSecurity {
        case `as`(ServerSecurity)
        /// The host is not to be used now.
        case failed(String)
    }

    func stsPolicy(of domain: String) async -> STSPolicy? {
        guard let policies else { return nil }
        let found = await policies.policy(of: domain, now: now())
        if let failure = found.failure { count(failure, policy: "sts", domain) }
        return found.policy
    }

    /// What a host must prove. DANE goes before MTA-STS (RFC 8461 §2).
    ///
    /// - Parameters:
    ///   - mayHaveTLSA: DNSSEC proves the host's name and addresses; without that its TLSA records prove nothing
    ///     (RFC 7672 §2.2.2).
    ///   - isNameProven: DNSSEC proves that this is the domain's host, or it is the domain itself.
    func security(
        of host: String, for destination: Destination, _ policy: STSPolicy?, mayHaveTLSA: Bool, isNameProven: Bool
    ) async -> HostSecurity {
        // RFC 8689 §5: what the sender does not ask for is not asked of the server.
        if destination.demand == .delivery { return .as(.opportunistic) }
        let domain = destination.domain
        // RFC 8689 §4.2.1: where neither DANE nor MTA-STS vouch, a certificate for the host's name will do, if it is sure
        // that this is the host.
        let usual: ServerSecurity = destination.demand == .proof && isNameProven ? .named : .opportunistic
        if mayHaveTLSA {
            switch await resolver.tlsaRecords(of: "_\(options.exchangerPort)._tcp.\(host)") {
            case .found(let records, isSecure: true):
                let usable = DANECheck.usable(records)
                guard !usable.isEmpty else { return .as(usual == .named ? .named : .encrypted) }
                return .as(.dane(usable, names: host.lowercased() == domain ? [host] : [host, domain]))
            // RFC 7672 §2.1.2: who suppresses the answer must not get the mail.
            case .temporaryFailure(let why):
                count("dnssec-invalid", policy: "tlsa", domain)
                return .failed("its TLSA records cannot be looked up: \(why)")
            case .found, .noData, .nameError: break
            }
        }
        guard let policy, policy.mode != .none else { return .as(usual) }
        guard policy.allows(host) else {
            count("certificate-host-mismatch", policy: "sts", domain)
            // RFC 8461 §5: a host that the policy does not name is not used; in its mode "testing" it is.
            return policy.mode == .enforce
                ? .failed("the domain's MTA-STS policy does not name it") : .as(usual)
        }
        return .as(policy.mode == .enforce ? .authenticated : .testing)
    }
}
