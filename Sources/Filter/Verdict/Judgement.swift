import DNS
import MailAuth
import MailCore
import SpamScoring

/// Turns what the stages found into a verdict. No stage decides by itself.
struct Judgement {
    /// Evidence beside the classifier counts no more than this, so that it alone never makes Junk.
    private static let evidenceMax = 2.0

    let options: Options
    let examination: Examination
    let findings: Findings

    var verdict: Verdict {
        let signals = signals
        return Verdict(
            message: messageAction, recipients: examination.recipients.map { part(of: $0, signals) }, signals: signals,
            authentication: AuthenticationResults(authservID: options.hostName, results: authenticationResults),
            junkProbability: options.junkProbability)
    }

    /// What holds for all recipients. To refuse goes before to defer: it would only be refused later.
    private var messageAction: Action {
        if let refusal = findings.structure.refusal(options, isStranger: examination.isStranger) {
            return .refuse(refusal)
        }
        switch findings.virus {
        case .infected(let name):
            return .refuse(Refusal(550, "5.7.1", "Message contains malware (\(PlainText.signatureName(name)))"))
        case .unavailable where !options.deliversUnscanned:
            return .defer(Refusal(451, "4.7.1", "Cannot scan the message for malware now, try again later"))
        case .unavailable, .clean, .cannotCheck, .noSignatures, .off, nil: return .accept
        }
    }

    private func part(of account: AccountID, _ signals: [Signal]) -> Verdict.Part {
        guard examination.isStranger, case .scores(let scores) = findings.classification, let bayes = scores[account]
        else { return Verdict.Part(account: account, action: .accept) }
        let evidence = signals.reduce(0) { $0 + $1.weight }
        var part = Verdict.Part(account: account, action: .accept, bayes: bayes)
        part.score = bayes.logOdds + min(max(evidence, -Self.evidenceMax), Self.evidenceMax)
        if let probability = part.probability, probability >= options.junkProbability { part.action = .junk }
        return part
    }

    /// What Authentication-Results says. DKIM is not verified yet, and nothing is said of it.
    private var authenticationResults: [AuthenticationResults.MethodResult] {
        var results: [AuthenticationResults.MethodResult] = []
        if let iprev = findings.iprev { results.append(.init(iprev, examination.client)) }
        if var spf = findings.spf {
            let address = examination.reversePath.address
            // RFC 7208 §2.4: for the null reverse-path it was the name of HELO that was judged.
            if address == nil { spf.identity = .helo }
            results.append(.init(spf: spf, mailFrom: address.map { "\($0)" }))
        }
        if let dmarc = dmarcResult { results.append(dmarc) }
        return results
    }

    private var dmarcResult: AuthenticationResults.MethodResult? {
        switch findings.dmarc {
        case nil, .skipped: return nil
        case .noAnswer(let domain):
            return .init(
                method: "dmarc", result: "temperror", reason: "no answer in time",
                properties: [.init(type: "header", name: "from", value: domain)])
        case .outcome(var outcome):
            if outcome.result == .fail {
                outcome.result = .none
                outcome.reason = Self.unproven
            }
            return .init(dmarc: outcome)
        }
    }

    /// Without DKIM a missing pass of SPF proves nothing: most forwarded mail has none.
    static let unproven = "SPF gives no aligned pass, and DKIM is not verified by this version"
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
