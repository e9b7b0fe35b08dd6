import MailAuth

/// The evidence of signatures and policies.
extension Judgement {
    /// A signature that does not verify counts as none (RFC 6376 §6.3), so that only what DMARC makes of them weighs.
    var signatureSignals: [Signal] {
        switch findings.signatures {
        case nil: return []
        case .noAnswer: return [Signal(.dkim, "temperror", reason: "no answer in time")]
        case .findings(let found):
            var signals = found.dkim.map { Signal(.dkim, $0.result.rawValue, reason: Self.words(for: $0)) }
            if signals.isEmpty { signals = [Signal(.dkim, "none", reason: "no signature")] }
            if found.signaturesIgnored > 0 {
                signals.append(
                    Signal(.dkim, "ignored", reason: "\(found.signaturesIgnored) more signatures were not looked at"))
            }
            if found.arc.status != .none {
                signals.append(Signal(.arc, found.arc.status.rawValue, reason: Self.words(for: found.arc)))
            }
            return signals
        }
    }

    private static func words(for outcome: DKIMOutcome) -> String {
        let signer = outcome.domain.isEmpty ? "a signature" : "\(outcome.domain), key \(outcome.selector)"
        return outcome.reason.isEmpty ? signer : "\(signer): \(outcome.reason)"
    }

    private static func words(for outcome: ARCOutcome) -> String {
        guard outcome.status == .pass else { return outcome.reason }
        return "sealed by " + outcome.sealers.map(\.domain).joined(separator: ", ")
    }

    var dmarcSignal: Signal? {
        switch findings.dmarc {
        case nil: return nil
        case .skipped(let why): return Signal(.dmarc, "skipped", reason: why)
        case .outcome(let dmarc):
            let wish = dmarc.requested.map { ", policy \($0.rawValue)" } ?? ""
            let decision = policy.reason.map { "; \($0)" } ?? ""
            return Signal(
                .dmarc, dmarc.result.rawValue, weight: weight(of: dmarc),
                reason: "\(dmarc.domain): \(dmarc.reason)\(wish)\(decision)")
        }
    }

    private func weight(of dmarc: DMARCOutcome) -> Double {
        if case .exempt = policy { return 0 }
        switch dmarc.result {
        case .pass: return -0.5
        case .fail: return dmarc.requested == DMARCPolicy.Disposition.none ? 0.5 : 1
        case .none, .temperror, .permerror: return 0
        }
    }
}
