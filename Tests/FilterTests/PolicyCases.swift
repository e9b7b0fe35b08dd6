import MailAuth

@testable import Filter

/// What becomes of messages that fail DMARC.
extension JudgementTests {
    static let rejected = Refusal(550, "5.7.1", "Rejected by the DMARC policy of example.org")

    static func dmarc(
        _ requested: DMARCPolicy.Disposition, _ result: DMARCOutcome.Result = .fail, percent: Int = 100
    ) -> Findings.DMARC {
        var policy = DMARCPolicy(Array("v=DMARC1; p=\(requested.rawValue)".utf8))
        policy?.percent = percent
        return .outcome(
            DMARCOutcome(
                result: result, domain: "example.org", requested: requested, policy: policy, reason: "no aligned pass"))
    }

    static func sealed(by domain: String, _ status: ARCStatus = .pass) -> Findings.Signatures {
        let results = AuthenticationResults(parsing: Array("mx; dmarc=pass header.from=example.org".utf8))
        let sealer = ARCOutcome.Sealer(instance: 1, domain: domain, results: results)
        return .findings(SignatureFindings(arc: ARCOutcome(status: status, sealers: [sealer])))
    }

    static func signed(_ result: DKIMOutcome.Result, by domain: String) -> Findings.Signatures {
        .findings(SignatureFindings(dkim: [DKIMOutcome(result: result, domain: domain)]))
    }

    static let policyCases: [Case] = [
        Case("a failure that is to be refused", reply: .refuse(rejected), ann: .refuse(rejected)) {
            $0.dmarc = dmarc(.reject)
        },
        Case("a failure that is to be put apart", ann: .junk, bob: .junk) { $0.dmarc = dmarc(.quarantine) },
        Case("a failure of which nothing is wanted") { $0.dmarc = dmarc(.none) },
        Case("a failure counts even so", ann: .junk) {
            $0.dmarc = dmarc(.none)
            $0.classification = scores(1.8)
        },
        Case("what is uncertain is delivered") { $0.dmarc = dmarc(.reject, .temperror) },
        Case("what passes is delivered") { $0.dmarc = dmarc(.reject, .pass) },
        Case("a policy that cannot be read asks for nothing") { $0.dmarc = dmarc(.reject, .permerror) },
        // The message's digest gives it the sample 9.
        Case("pct=10 takes it in", reply: .refuse(rejected), ann: .refuse(rejected)) {
            $0.dmarc = dmarc(.reject, percent: 10)
        },
        Case("pct=9 leaves it out: the next milder thing", ann: .junk, bob: .junk) {
            $0.dmarc = dmarc(.reject, percent: 9)
        },
        Case("pct=9 of quarantine leaves it out") { $0.dmarc = dmarc(.quarantine, percent: 9) },
        Case("a trusted sealer saw it pass") {
            $0.dmarc = dmarc(.reject)
            $0.signatures = sealed(by: "list.example")
        },
        Case("a trusted sealer counts against quarantine too") {
            $0.dmarc = dmarc(.quarantine)
            $0.signatures = sealed(by: "list.example")
        },
        Case("another sealer does not count", reply: .refuse(rejected), ann: .refuse(rejected)) {
            $0.dmarc = dmarc(.reject)
            $0.signatures = sealed(by: "other.example")
        },
        Case("nor does a broken chain", reply: .refuse(rejected), ann: .refuse(rejected)) {
            $0.dmarc = dmarc(.reject)
            $0.signatures = sealed(by: "list.example", .fail)
        },
        Case("nor for one of several domains in From", reply: .refuse(rejected), ann: .refuse(rejected)) {
            $0.dmarc = dmarc(.reject)
            $0.signatures = sealed(by: "list.example")
            $0.structure.fromDomains = ["example.org", "example.com"]
        },
        Case("a list that SPF answers for goes to Junk", ann: .junk, bob: .junk) {
            $0.dmarc = dmarc(.reject)
            $0.structure.hasListID = true
            $0.spf = SPFOutcome(result: .pass, identity: .mailFrom, domain: "lists.example")
        },
        Case("a list that DKIM answers for goes to Junk", ann: .junk, bob: .junk) {
            $0.dmarc = dmarc(.reject)
            $0.structure.hasListID = true
            $0.signatures = signed(.pass, by: "lists.example")
        },
        Case("a list that nobody answers for is refused", reply: .refuse(rejected), ann: .refuse(rejected)) {
            $0.dmarc = dmarc(.reject)
            $0.structure.hasListID = true
            $0.spf = SPFOutcome(result: .softfail, identity: .mailFrom, domain: "lists.example")
            $0.signatures = signed(.fail, by: "lists.example")
        },
        Case("to refuse goes before a scanner that does not answer", reply: .refuse(rejected), ann: .refuse(rejected)) {
            $0.dmarc = dmarc(.reject)
            $0.virus = .unavailable("down")
        },
        Case("a scanner that does not answer goes before Junk", reply: .defer(noScanner), ann: .defer(noScanner)) {
            $0.dmarc = dmarc(.quarantine)
            $0.virus = .unavailable("down")
        },
        Case("a virus is a virus first", reply: .refuse(malware), ann: .refuse(malware)) {
            $0.dmarc = dmarc(.reject)
            $0.virus = .infected("Eicar-Test-Signature")
        },
        Case("signatures alone neither help nor harm") { $0.signatures = signed(.fail, by: "example.org") },
        Case("no answer about signatures does no harm") { $0.signatures = .noAnswer },
    ]
}
