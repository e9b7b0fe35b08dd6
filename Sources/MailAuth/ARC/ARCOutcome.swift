/// What the chain of a message came to (RFC 8617 §5.2).
public struct ARCOutcome: Equatable, Sendable {
    /// One who handled the message, and what it says to have found.
    public struct Sealer: Equatable, Sendable {
        public var instance: Int
        /// `d=` of its seal: lower case, A-labels.
        public var domain: String
        /// Its Authentication-Results, nil when they cannot be read. A stranger's word.
        public var results: AuthenticationResults?

        public init(instance: Int, domain: String, results: AuthenticationResults?) {
            self.instance = instance
            self.domain = domain
            self.results = results
        }
    }

    public var status: ARCStatus
    /// For the log and for Authentication-Results; empty where there is nothing to say. Printable ASCII, at most 300
    /// octets.
    public var reason: String
    /// Of a chain that passes, from the first to the last.
    public var sealers: [Sealer]

    public init(status: ARCStatus, reason: String = "", sealers: [Sealer] = []) {
        self.status = status
        self.reason = reason
        self.sealers = sealers
    }

    /// Who of those that are trusted says that the message came from this domain (RFC 8617 §7.2.1).
    ///
    /// Every sealer behind it must be trusted too: each of them could have changed the message.
    ///
    /// - Parameters:
    ///   - fromDomain: of From, as it is now.
    ///   - trusted: domains of sealers, in any case; a domain is itself and nothing below it.
    /// - Returns: the domain of the sealer.
    public func sealer(confirming fromDomain: String, among trusted: [String]) -> String? {
        guard status == .pass, !trusted.isEmpty else { return nil }
        let trusted = Set(trusted.map { PublicSuffixList.key($0) })
        let from = PublicSuffixList.key(fromDomain)
        for sealer in sealers.reversed() {
            guard trusted.contains(sealer.domain) else { return nil }
            if sealer.results?.confirmsDMARC(of: from) == true { return sealer.domain }
        }
        return nil
    }
}

extension AuthenticationResults {
    fileprivate func confirmsDMARC(of domain: String) -> Bool {
        results.contains { result in
            guard result.method == "dmarc", result.result == "pass" else { return false }
            let from = result.properties.filter { $0.type == "header" && $0.name == "from" }
            return !from.isEmpty && from.allSatisfy { PublicSuffixList.key($0.value) == domain }
        }
    }
}
