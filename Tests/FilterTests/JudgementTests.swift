import DNS
import MailCore
import SpamScoring
import Testing

@testable import Filter
@testable import MailAuth

/// What the stages found, and what must become of the message.
@Suite struct JudgementTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var findings: Findings
        var origin = Examination.Origin.stranger
        var reply: DataReply
        var annAction: Action
        var bobAction: Action

        init(
            _ name: String, origin: Examination.Origin = .stranger, reply: DataReply = .accept,
            ann: Action = .accept, bob: Action = .accept, _ change: (inout Findings) -> Void
        ) {
            testDescription = name
            findings = Findings(structure: StructureFacts(fromDomains: ["example.org"]))
            findings.virus = .clean
            change(&findings)
            self.origin = origin
            self.reply = reply
            annAction = ann
            bobAction = bob
        }
    }

    static let malware = Refusal(550, "5.7.1", "Message contains malware (Eicar-Test-Signature)")
    static let noScanner = Refusal(451, "4.7.1", "Cannot scan the message for malware now, try again later")
    static let severalFrom = Refusal(550, "5.6.0", "Message has more than one From field")
    static let manyDomains = Refusal(550, "5.6.0", "From has addresses of too many domains")
    static let loop = Refusal(554, "5.4.6", "Too many hops, this message is in a loop")

    static func scores(_ logOdds: Double) -> Findings.Classification {
        .scores([ann: SpamScore(logOdds: logOdds), bob: SpamScore(logOdds: -3)])
    }

    static let cases: [Case] = [
        Case("nothing found") { _ in },
        Case("p below 0.9 stays in the Inbox") { $0.classification = scores(2.19) },
        Case("p from 0.9 goes to Junk", ann: .junk) { $0.classification = scores(2.2) },
        Case("an SPF failure adds to the score", ann: .junk) {
            $0.classification = scores(1.5)
            $0.spf = SPFOutcome(result: .fail, identity: .mailFrom, domain: "example.org")
        },
        Case("evidence alone never makes Junk") {
            $0.classification = scores(0)
            $0.spf = SPFOutcome(result: .fail, identity: .mailFrom, domain: "example.org")
            $0.iprev = .noName
            $0.structure.fromFields = 0
            $0.structure.hasDate = false
        },
        Case("SPF temperror counts nothing") {
            $0.classification = scores(2.1)
            $0.spf = SPFOutcome(result: .temperror, identity: .mailFrom, domain: "example.org")
            $0.iprev = .temporaryFailure("SERVFAIL")
        },
        Case("an aligned DMARC pass speaks for a message") {
            $0.classification = scores(2.5)
            $0.dmarc = .outcome(
                DMARCOutcome(result: .pass, domain: "example.org", requested: nil, policy: nil, reason: ""))
        },
        Case("a failed classifier delivers unscored") { $0.classification = .failed("disk") },
        Case("a virus is refused", reply: .refuse(malware), ann: .refuse(malware)) {
            $0.virus = .infected("Eicar-Test-Signature")
        },
        Case(
            "a virus of somebody who logged in, too", origin: .submission(bob), reply: .refuse(malware),
            ann: .refuse(malware)
        ) {
            $0.virus = .infected("Eicar-Test-Signature")
        },
        Case("what cannot be checked is delivered with a mark") { $0.virus = .cannotCheck("encrypted") },
        Case("without signatures it is delivered with a mark") { $0.virus = .noSignatures },
        Case("without a scanner by configuration it is delivered") { $0.virus = .off },
        Case("a scanner that does not answer defers", reply: .defer(noScanner), ann: .defer(noScanner)) {
            $0.virus = .unavailable("down")
        },
        Case("several From fields are refused", reply: .refuse(severalFrom), ann: .refuse(severalFrom)) {
            $0.structure.fromFields = 2
        },
        Case("several From fields of our own users are not", origin: .submission(ann)) { $0.structure.fromFields = 2 },
        Case("five domains in From are judged") { $0.structure.fromDomains = ["a", "b", "c", "d", "e"] },
        Case("six are refused", reply: .refuse(manyDomains), ann: .refuse(manyDomains)) {
            $0.structure.fromDomains = ["a", "b", "c", "d", "e", "f"]
        },
        Case("50 hops are taken") { $0.structure.receivedFields = 50 },
        Case("51 are a loop", reply: .refuse(loop), ann: .refuse(loop)) { $0.structure.receivedFields = 51 },
        Case("to refuse goes before to defer", reply: .refuse(loop), ann: .refuse(loop)) {
            $0.structure.receivedFields = 51
            $0.virus = .unavailable("down")
        },
        Case("who logged in is not scored", origin: .submission(bob)) { $0.classification = scores(6) },
    ]

    @Test("Each finding leads to its action", arguments: cases + policyCases)
    func judges(_ c: Case) {
        let trusting = options { $0.trustedSealers = ["list.example"] }
        let verdict = Judgement(options: trusting, examination: examination(origin: c.origin), findings: c.findings)
            .verdict
        #expect(verdict.dataReply == c.reply)
        #expect(verdict.action(for: ann) == c.annAction)
        if c.reply == .accept { #expect(verdict.action(for: bob) == c.bobAction) }
    }

    @Test("By configuration what cannot be scanned now is delivered with a mark")
    func deliversUnscanned() {
        var findings = Findings(structure: StructureFacts())
        findings.virus = .unavailable("down")
        let judgement = Judgement(
            options: options { $0.deliversUnscanned = true }, examination: examination(), findings: findings)
        #expect(judgement.verdict.dataReply == .accept)
        #expect(judgement.verdict.header().contains("X-Postino-Virus: unavailable (down)\r\n"))
    }

    struct Reply: Sendable {
        var message: Action
        var parts: [Action]
        var reply: DataReply
        var actions: [Action]
    }

    static let refusal = Refusal(550, "5.7.1", "No")
    static let later = Refusal(451, "4.7.1", "Later")
    static let replies = [
        Reply(message: .accept, parts: [.accept, .junk], reply: .accept, actions: [.accept, .junk]),
        Reply(message: .accept, parts: [.refuse(refusal), .accept], reply: .accept, actions: [.quarantine, .accept]),
        Reply(
            message: .accept, parts: [.refuse(refusal), .refuse(later)], reply: .refuse(refusal),
            actions: [.refuse(refusal), .refuse(refusal)]),
        Reply(
            message: .accept, parts: [.defer(later), .defer(later)], reply: .accept,
            actions: [.quarantine, .quarantine]),
        Reply(
            message: .defer(later), parts: [.accept, .accept], reply: .defer(later),
            actions: [.defer(later), .defer(later)]),
        Reply(
            message: .refuse(refusal), parts: [.accept, .accept], reply: .refuse(refusal),
            actions: [.refuse(refusal), .refuse(refusal)]),
        Reply(message: .accept, parts: [], reply: .accept, actions: []),
        Reply(message: .refuse(refusal), parts: [], reply: .refuse(refusal), actions: []),
    ]

    @Test("DATA has one reply: 5xx when every recipient refuses, 4xx when the message is deferred", arguments: replies)
    func repliesOnce(_ c: Reply) {
        let parts = c.parts.enumerated().map {
            Verdict.Part(account: AccountID(rawValue: Int64($0.offset)), action: $0.element)
        }
        let verdict = Verdict(
            message: c.message, recipients: parts, signals: [],
            authentication: AuthenticationResults(authservID: "mx", results: []), junkProbability: 0.9)
        #expect(verdict.dataReply == c.reply)
        #expect(parts.map { verdict.action(for: $0.account) } == c.actions)
    }
}
