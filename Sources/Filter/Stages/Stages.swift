import Antivirus
import DNS
import MIME
import MailAuth
import MailCore
import SpamScoring

/// The stages with their services.
struct Stages: Sendable {
    let options: Options
    let services: Services
    let spf: SPFEvaluator
    let dmarc: DMARCEvaluator?
    let signatures: SignatureCheck?
    let secondOpinion: SecondOpinion?

    init(_ options: Options, _ services: Services) {
        self.options = options
        self.services = services
        spf = SPFEvaluator(
            resolver: services.resolver, receiver: options.hostName,
            millisecondsMax: options.authenticationMilliseconds)
        dmarc = services.suffixes.map {
            DMARCEvaluator(
                resolver: services.resolver, suffixes: $0, millisecondsMax: options.authenticationMilliseconds)
        }
        signatures = services.signatureCount.map { SignatureCheck($0) }
        secondOpinion = services.secondOpinion.map { SecondOpinion($0, services.resolver) }
    }

    /// Runs them side by side; only what a refused structure makes pointless is left out.
    func run(_ examination: Examination) async -> Findings {
        var findings = Findings(structure: StructureFacts(examination.message))
        if findings.structure.refusal(options, isStranger: examination.isStranger) != nil { return findings }
        async let iprev = iprev(examination)
        async let authentication = authentication(examination, fromDomain: findings.structure.fromDomain)
        async let virus = virus(examination)
        async let classification = classification(examination)
        (findings.spf, findings.dmarc) = await authentication
        findings.iprev = await iprev
        findings.virus = await virus
        findings.classification = await classification
        return findings
    }

    private func iprev(_ examination: Examination) async -> ForwardConfirmation? {
        guard examination.isStranger else { return nil }
        let (resolver, client) = (services.resolver, examination.client)
        let found = await TimeLimit.run(milliseconds: options.authenticationMilliseconds) {
            await resolver.forwardConfirmation(of: client)
        }
        return found ?? .temporaryFailure("no answer in time")
    }

    /// SPF, and with its outcome DMARC.
    private func authentication(
        _ examination: Examination, fromDomain: String?
    ) async -> (SPFOutcome?, Findings.DMARC?) {
        guard examination.isStranger else { return (nil, nil) }
        let outcome = await checkSPF(examination)
        guard let dmarc else { return (outcome, .skipped("no list of public suffixes")) }
        guard let fromDomain else { return (outcome, .skipped("From has not one address")) }
        let found = await TimeLimit.run(milliseconds: options.authenticationMilliseconds) {
            await dmarc.evaluate(fromDomain: fromDomain, spf: outcome, dkim: [])
        }
        return (outcome, found.map { .outcome($0) } ?? .noAnswer(fromDomain: fromDomain))
    }

    private func checkSPF(_ examination: Examination) async -> SPFOutcome {
        let (path, helo, client) = (examination.reversePath, examination.helo, examination.client)
        let outcome = await TimeLimit.run(milliseconds: options.authenticationMilliseconds) { [spf] in
            await spf.checkMailFrom(path, helo: helo, client: client)
        }
        return outcome
            ?? SPFOutcome(
                result: .temperror, identity: .mailFrom, domain: path.address?.domain ?? helo,
                reason: "no answer in time")
    }

    private func classification(_ examination: Examination) async -> Findings.Classification? {
        guard let classifier = services.classifier else { return nil }
        guard examination.isStranger else { return .skipped("the sender logged in") }
        guard !examination.recipients.isEmpty else { return .skipped("no local recipient") }
        let (message, accounts) = (examination.message, examination.recipients)
        let outcome = await TimeLimit.run(milliseconds: options.classifierMilliseconds) {
            do {
                return Findings.Classification.scores(try await classifier.score(message, accounts: accounts))
            } catch {
                return .failed("\(error)")
            }
        }
        return outcome ?? .failed("no answer in time")
    }

    func seekSecondOpinion(_ examination: Examination, _ findings: Findings) {
        guard let outcome = findings.spf else { return }
        secondOpinion?.seek(examination, outcome)
    }
}
