import DNS
import Execution
import MIME
import MailAuth
import MailCore

/// Who sent it: SPF, DKIM and ARC, and the policies of DMARC, side by side; then what they come to together.
extension Stages {
    func authenticate(_ examination: Examination, _ findings: inout Findings) async {
        guard examination.isStranger else { return }
        let domains = findings.structure.fromDomains
        async let signatures = signatures(examination, preferring: domains.first)
        async let policies = policies(of: domains)
        let spf = await checkSPF(examination)
        findings.spf = spf
        findings.signatures = await signatures
        findings.dmarc = dmarcFinding(domains, await policies, spf, findings.signatures)
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

    private func signatures(_ examination: Examination, preferring domain: String?) async -> Findings.Signatures {
        let (message, content, now) = (examination.message, examination.content, examination.unixSeconds)
        let (verifier, services) = (verifier, services)
        let found = await TimeLimit.run(milliseconds: options.authenticationMilliseconds) {
            await withTaskExecutorPreference(services.cpu) {
                switch content {
                case .inMemory:
                    await verifier.verify(
                        message.header, body: InMemoryBody(of: message), preferring: domain, unixSeconds: now)
                case .spooled(let path):
                    await verifier.verify(
                        message.header,
                        body: SpooledBody(path: path, start: message.headerOctets, files: services.files),
                        preferring: domain, unixSeconds: now)
                }
            }
        }
        return found.map { .findings($0) } ?? .noAnswer
    }

    private func policies(of domains: [String]) async -> [DMARCDiscovery] {
        guard let dmarc else { return [] }
        let milliseconds = options.authenticationMilliseconds
        return await withTaskGroup(of: (Int, DMARCDiscovery).self) { group in
            for (index, domain) in domains.enumerated() {
                group.addTask {
                    let found = await TimeLimit.run(milliseconds: milliseconds) { await dmarc.discover(domain) }
                    return (index, found ?? .temporaryFailure("no answer in time"))
                }
            }
            var found = [DMARCDiscovery](repeating: .none, count: domains.count)
            for await (index, discovery) in group { found[index] = discovery }
            return found
        }
    }

    private func dmarcFinding(
        _ domains: [String], _ policies: [DMARCDiscovery], _ spf: SPFOutcome, _ signatures: Findings.Signatures?
    ) -> Findings.DMARC {
        guard let dmarc else { return .skipped("no list of public suffixes") }
        let outcomes = zip(domains, policies).map { domain, policy in
            dmarc.judge(policy, fromDomain: domain, spf: spf, dkim: signatures.outcomes(unknownOf: domain))
        }
        return DMARCOutcome.strictest(of: outcomes).map { .outcome($0) } ?? .skipped("From has no address")
    }
}

extension Findings.Signatures? {
    /// Without an answer there might be a signature of the domain, good or bad.
    fileprivate func outcomes(unknownOf domain: String) -> [DKIMOutcome] {
        switch self {
        case .findings(let findings): findings.dkim
        case .noAnswer, nil: [DKIMOutcome(result: .temperror, domain: domain)]
        }
    }
}
