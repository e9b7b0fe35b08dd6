import DNS
import MailAuth
import MailCore

/// What Authentication-Results says.
extension Judgement {
    var authenticationResults: [AuthenticationResults.MethodResult] {
        var results: [AuthenticationResults.MethodResult] = []
        if let iprev = findings.iprev { results.append(.init(iprev, examination.client)) }
        if var spf = findings.spf {
            let address = examination.reversePath.address
            // RFC 7208 §2.4: for the null reverse-path it was the name of HELO that was judged.
            if address == nil { spf.identity = .helo }
            results.append(.init(spf: spf, mailFrom: address.map { "\($0)" }))
        }
        switch findings.signatures {
        case nil: break
        case .noAnswer: results.append(.init(method: "dkim", result: "temperror", reason: "no answer in time"))
        case .findings(let found):
            results += AuthenticationResults.MethodResult.results(of: found.dkim)
            results.append(.init(arc: found.arc, client: found.arc.status == .none ? nil : examination.client))
        }
        if case .outcome(let outcome) = findings.dmarc { results.append(dmarcResult(outcome)) }
        return results
    }

    private func dmarcResult(_ outcome: DMARCOutcome) -> AuthenticationResults.MethodResult {
        var outcome = outcome
        if let reason = policy.reason { outcome.reason += "; \(reason)" }
        var result = AuthenticationResults.MethodResult(dmarc: outcome)
        if outcome.result == .fail {
            result.properties.insert(
                .init(type: "policy", name: "applied-disposition", value: policy.applied), at: 1)
        }
        return result
    }
}

extension AuthenticationResults.MethodResult {
    /// RFC 8601 §2.7.3, §3.
    fileprivate init(_ iprev: ForwardConfirmation, _ client: IPAddress) {
        let (result, reason): (String, String?) =
            switch iprev {
            case .confirmed(let name): ("pass", name)
            case .mismatch(let name): ("fail", "\(name) does not have the address")
            case .noName: ("permerror", "no reverse name")
            case .temporaryFailure(let why): ("temperror", why)
            }
        self.init(
            method: "iprev", result: result, reason: reason,
            properties: [.init(type: "policy", name: "iprev", value: "\(client)")])
    }
}
