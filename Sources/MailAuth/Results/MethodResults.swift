public import MailCore

extension AuthenticationResults.MethodResult {
    /// One result for each signature (RFC 8601 §2.7.1), "none" where there is none.
    ///
    /// RFC 6008: `header.b` is as much of a signature as tells it from the others, at least 8 digits and at most 40.
    public static func results(of outcomes: [DKIMOutcome]) -> [Self] {
        if outcomes.isEmpty { return [Self(method: "dkim", result: "none")] }
        let signatures = outcomes.map(\.signature)
        return outcomes.map { outcome in
            var prefix = outcome.signature.prefix(8)
            while prefix.count < min(40, outcome.signature.count), signatures.count(where: { $0.hasPrefix(prefix) }) > 1
            {
                prefix = outcome.signature.prefix(prefix.count + 1)
            }
            return Self(dkim: outcome, signature: String(prefix))
        }
    }

    private init(dkim outcome: DKIMOutcome, signature: String) {
        let properties = [
            ("d", outcome.domain), ("i", outcome.identity), ("s", outcome.selector), ("a", outcome.algorithm),
            ("b", signature),
        ]
        self.init(
            method: "dkim", result: outcome.result.rawValue, reason: outcome.reason.isEmpty ? nil : outcome.reason,
            properties: properties.filter { !$0.1.isEmpty }.map { .init(type: "header", name: $0.0, value: $0.1) })
    }

    /// RFC 8617 §10.1.
    ///
    /// - Parameter client: the address that the message came from.
    public init(arc outcome: ARCOutcome, client: IPAddress? = nil) {
        self.init(
            method: "arc", result: outcome.status.rawValue, reason: outcome.reason.isEmpty ? nil : outcome.reason,
            properties: client.map { [.init(type: "smtp", name: "remote-ip", value: "\($0)")] } ?? [])
    }

    /// RFC 8601 §2.7.2: `smtp.mailfrom`, or `smtp.helo` for the HELO identity.
    ///
    /// - Parameter mailFrom: the reverse-path as text without its brackets, when it is to be shown whole.
    public init(spf outcome: SPFOutcome, mailFrom: String? = nil) {
        let value = outcome.identity == .mailFrom ? mailFrom ?? outcome.domain : outcome.domain
        self.init(
            method: "spf", result: outcome.result.rawValue, reason: outcome.reason.isEmpty ? nil : outcome.reason,
            properties: [.init(type: "smtp", name: outcome.identity.rawValue, value: value)])
    }

    /// RFC 7489 §11.1, RFC 8601 §2.7: with the domain of From.
    public init(dmarc outcome: DMARCOutcome) {
        var properties = [AuthenticationResults.Property(type: "header", name: "from", value: outcome.domain)]
        if let disposition = outcome.requested {
            properties.insert(
                .init(type: "policy", name: "published-domain-policy", value: disposition.rawValue), at: 0)
        }
        self.init(
            method: "dmarc", result: outcome.result.rawValue, reason: outcome.reason.isEmpty ? nil : outcome.reason,
            properties: properties)
    }
}
