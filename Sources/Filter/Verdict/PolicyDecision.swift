import MailAuth

/// What becomes of a message that fails DMARC, for the sake of the domain that it claims to come from.
enum PolicyDecision: Equatable, Sendable {
    /// DMARC does not fail, or its domain wants nothing done.
    case none
    /// It fails, and a sealer whose word we take says that it passed before.
    case exempt(sealer: String)
    case junk(reason: String)
    case refuse(domain: String)

    /// RFC 7489 §6.6.2 step 6, §6.7: the domain's wish, and where we deviate from it.
    init(_ findings: Findings, trustedSealers: [String], sample: Int) {
        guard case .outcome(let dmarc) = findings.dmarc else {
            self = .none
            return
        }
        let wanted = dmarc.disposition(sample: sample)
        guard wanted != .none else {
            self = .none
            return
        }
        if findings.structure.fromDomains.count == 1, case .findings(let signatures) = findings.signatures,
            let sealer = signatures.arc.sealer(confirming: dmarc.domain, among: trustedSealers)
        {
            self = .exempt(sealer: sealer)
        } else if wanted == .quarantine {
            self = .junk(reason: "its domain wants that")
        } else if Self.isFromList(findings) {
            self = .junk(reason: "its domain wants it refused, and a mailing list may have broken it")
        } else {
            self = .refuse(domain: dmarc.domain)
        }
    }

    /// Mail of lists fails when they change it, and a list takes a refusal for a dead subscriber. Which lists are real is
    /// not known yet; so those that somebody answers for by SPF or DKIM lead to Junk. A forger gains by the same
    /// field that his mail is seen in Junk, under a domain of his own that can be judged.
    private static func isFromList(_ findings: Findings) -> Bool {
        guard findings.structure.hasListID else { return false }
        if findings.spf?.result == .pass { return true }
        guard case .findings(let signatures) = findings.signatures else { return false }
        return signatures.dkim.contains { $0.result == .pass && $0.coversFrom }
    }

    /// As Authentication-Results has it.
    var applied: String {
        switch self {
        case .none, .exempt: "none"
        case .junk: "quarantine"
        case .refuse: "reject"
        }
    }

    /// Completes the reason of a failure; nil where there is nothing to say.
    var reason: String? {
        switch self {
        case .none, .refuse: nil
        case .exempt(let sealer): "not applied: \(sealer) is trusted to have seen it pass"
        case .junk(let reason): "to Junk: \(reason)"
        }
    }
}
