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
    let verifier: SignatureVerifier
    let dmarc: DMARCEvaluator?
    let scannerSignatures: SignatureCheck?
    let secondOpinion: SecondOpinion?

    init(_ options: Options, _ services: Services) {
        self.options = options
        self.services = services
        spf = SPFEvaluator(
            resolver: services.resolver, receiver: options.hostName,
            millisecondsMax: options.authenticationMilliseconds)
        verifier = SignatureVerifier(
            resolver: services.resolver, millisecondsMax: options.authenticationMilliseconds * 4 / 5)
        dmarc = services.suffixes.map {
            DMARCEvaluator(
                resolver: services.resolver, suffixes: $0, millisecondsMax: options.authenticationMilliseconds)
        }
        scannerSignatures = services.signatureCount.map { SignatureCheck($0) }
        secondOpinion = services.secondOpinion.map { SecondOpinion($0, services.resolver) }
    }

    /// Runs them side by side; only what a refused structure makes pointless is left out.
    func run(_ examination: Examination) async -> Findings {
        var findings = Findings(structure: StructureFacts(examination.message))
        if findings.structure.refusal(options, isStranger: examination.isStranger) != nil { return findings }
        async let iprev = iprev(examination)
        async let virus = virus(examination)
        async let classification = classification(examination)
        await authenticate(examination, &findings)
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

    private func classification(_ examination: Examination) async -> Findings.Classification? {
        guard let classifier = services.classifier else { return nil }
        guard examination.isStranger else { return .skipped("the sender is one of ours") }
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
