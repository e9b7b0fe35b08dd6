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
    /// For the sake of the domain in From.
    let policy: PolicyDecision

    init(options: Options, examination: Examination, findings: Findings) {
        self.options = options
        self.examination = examination
        self.findings = findings
        policy = PolicyDecision(
            findings, trustedSealers: options.trustedSealers, sample: Self.sample(examination.digest))
    }

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
        if case .infected(let name) = findings.virus {
            return .refuse(Refusal(550, "5.7.1", "Message contains malware (\(PlainText.signatureName(name)))"))
        }
        // RFC 7489 §10.3.
        if case .refuse(let domain) = policy {
            return .refuse(Refusal(550, "5.7.1", "Rejected by the DMARC policy of \(PlainText.word(domain))"))
        }
        if case .unavailable = findings.virus, !options.deliversUnscanned {
            return .defer(Refusal(451, "4.7.1", "Cannot scan the message for malware now, try again later"))
        }
        if case .junk = policy { return .junk }
        return .accept
    }

    /// 0 to 99 by the digest of the message, which holds what we wrote in it ourselves; 0 without one.
    private static func sample(_ digest: String?) -> Int {
        digest.flatMap { Int($0.prefix(8), radix: 16) }.map { abs($0 % 100) } ?? 0
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
}
