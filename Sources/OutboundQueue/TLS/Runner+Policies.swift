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
    /// - Parameter mayHaveTLSA: DNSSEC proves the host's name and addresses; without that its TLSA records prove nothing
    ///   (RFC 7672 §2.2.2).
    func security(
        of host: String, in domain: String, _ policy: STSPolicy?, mayHaveTLSA: Bool
    ) async -> HostSecurity {
        if mayHaveTLSA {
            switch await resolver.tlsaRecords(of: "_\(options.exchangerPort)._tcp.\(host)") {
            case .found(let records, isSecure: true):
                let usable = DANECheck.usable(records)
                guard !usable.isEmpty else { return .as(.encrypted) }
                return .as(.dane(usable, names: host.lowercased() == domain ? [host] : [host, domain]))
            // RFC 7672 §2.1.2: who suppresses the answer must not get the mail.
            case .temporaryFailure(let why):
                count("dnssec-invalid", policy: "tlsa", domain)
                return .failed("its TLSA records cannot be looked up: \(why)")
            case .found, .noData, .nameError: break
            }
        }
        guard let policy, policy.mode != .none else { return .as(.opportunistic) }
        guard policy.allows(host) else {
            count("certificate-host-mismatch", policy: "sts", domain)
            // RFC 8461 §5: a host that the policy does not name is not used; in its mode "testing" it is.
            return policy.mode == .enforce
                ? .failed("the domain's MTA-STS policy does not name it") : .as(.opportunistic)
        }
        return .as(policy.mode == .enforce ? .authenticated : .testing)
    }
}
