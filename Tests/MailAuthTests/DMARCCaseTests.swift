import DNS
import MailAuth
import MailCore
import Testing

/// RFC 7489 §3.1, §6.6: discovery, alignment, result and what is asked for.
@Suite struct DMARCCaseTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var from: String
        /// Result and domain.
        var spf: (SPFResult, String)?
        var dkim: [DKIMOutcome]
        var expected: DMARCOutcome.Result
        var requested: DMARCPolicy.Disposition?

        var testDescription: String { title }

        init(
            _ title: String, from: String = "example.com", spf: (SPFResult, String)? = nil, dkim: [DKIMOutcome] = [],
            _ expected: DMARCOutcome.Result, _ requested: DMARCPolicy.Disposition? = nil
        ) {
            self.title = title
            self.from = from
            self.spf = spf
            self.dkim = dkim
            self.expected = expected
            self.requested = requested
        }
    }

    static func signed(_ result: DKIMOutcome.Result, _ domain: String, coversFrom: Bool = true) -> [DKIMOutcome] {
        [DKIMOutcome(result: result, domain: domain, coversFrom: coversFrom)]
    }

    static let resolver = StaticResolver([
        "_dmarc.example.com": [.txt("unrelated"), .txt("v=DMARC1; p=reject; sp=quarantine")],
        "_dmarc.strict.example.com": [.txt("v=DMARC1; p=none; adkim=s; aspf=s")],
        "_dmarc.my-shop.co.uk": [.txt("v=DMARC1; p=quarantine")],
        "_dmarc.xn--bcher-kva.com": [.txt("v=DMARC1; p=reject")],
        "_dmarc.two.org": [.txt("v=DMARC1; p=reject"), .txt("v=DMARC1; p=none")],
        "_dmarc.bad.org": [.txt("v=DMARC1; p=nonsense")],
        "_dmarc.reports.org": [.txt("v=DMARC1; p=nonsense; rua=mailto:a@reports.org")],
        "_dmarc.broken.org": [.failure(nil)],
        "_dmarc.sub.half.org": [.failure(nil)],
        "_dmarc.half.org": [.txt("v=DMARC1; p=reject")],
        "_dmarc.np.org": [.txt("v=DMARC1; p=none; sp=none; np=reject")],
        "there.np.org": [.a("192.0.2.1")],
        "mail.np.org": [.mx(10, "mx.np.org")],
        "six.np.org": [.aaaa("2001:db8::1")],
        "unknown.np.org": [.failure(.mx)],
        "_dmarc.alias.org": [.cname("_dmarc.example.com")],
        "_dmarc.pieces.org": [.strings([Array("v=DMARC1; p=rej".utf8), Array("ect".utf8)])],
        "_dmarc.com": [.txt("v=DMARC1; p=reject")],
        "_dmarc.me.github.io": [.txt("v=DMARC1; p=reject")],
        "example.org": [.a("192.0.2.1")],
    ])

    static let spf = [
        Case("SPF of the domain", spf: (.pass, "example.com"), .pass, .reject),
        Case("SPF of a subdomain, in upper case, with a dot", spf: (.pass, "bounce.EXAMPLE.com."), .pass, .reject),
        Case("SPF of another domain", spf: (.pass, "other.com"), .fail, .reject),
        Case("SPF of a domain that ends alike", spf: (.pass, "notexample.com"), .fail, .reject),
        Case("SPF of the suffix", spf: (.pass, "com"), .fail, .reject),
        Case("SPF fails", spf: (.fail, "example.com"), .fail, .reject),
        Case("SPF softfails", spf: (.softfail, "example.com"), .fail, .reject),
        Case("SPF is neutral", spf: (.neutral, "example.com"), .fail, .reject),
        Case("SPF has no record", spf: (.none, "example.com"), .fail, .reject),
        Case("SPF's record is broken", spf: (.permerror, "example.com"), .fail, .reject),
        Case("SPF fails for now", spf: (.temperror, "example.com"), .temperror, .reject),
        Case("SPF of another domain fails for now", spf: (.temperror, "other.com"), .fail, .reject),
        Case("nothing was checked", .fail, .reject),
        Case(
            "strict SPF of the parent", from: "strict.example.com", spf: (.pass, "example.com"), .fail,
            DMARCPolicy.Disposition.none),
        Case(
            "strict SPF of the domain", from: "strict.example.com", spf: (.pass, "strict.example.com"), .pass,
            DMARCPolicy.Disposition.none),
    ]

    static let dkim = [
        Case("DKIM of the domain", dkim: signed(.pass, "example.com"), .pass, .reject),
        Case("DKIM of a subdomain", dkim: signed(.pass, "news.example.com"), .pass, .reject),
        Case("DKIM of another domain", dkim: signed(.pass, "other.com"), .fail, .reject),
        Case("DKIM of a domain that ends alike", dkim: signed(.pass, "my-example.com"), .fail, .reject),
        Case("DKIM fails", dkim: signed(.fail, "example.com"), .fail, .reject),
        Case("DKIM is not acceptable", dkim: signed(.policy, "example.com"), .fail, .reject),
        Case("DKIM is being tested", dkim: signed(.neutral, "example.com"), .fail, .reject),
        Case("DKIM cannot be read", dkim: signed(.permerror, "example.com"), .fail, .reject),
        Case("DKIM fails for now", dkim: signed(.temperror, "example.com"), .temperror, .reject),
        Case("DKIM of another domain fails for now", dkim: signed(.temperror, "other.com"), .fail, .reject),
        Case("DKIM leaves out a From field", dkim: signed(.pass, "example.com", coversFrom: false), .fail, .reject),
        Case(
            "a bad signature and a foreign one", dkim: signed(.fail, "example.com") + signed(.pass, "x.com"), .fail,
            .reject),
        Case(
            "a foreign signature and a good one", dkim: signed(.pass, "x.com") + signed(.pass, "example.com"), .pass,
            .reject),
        Case(
            "one good of many", dkim: signed(.temperror, "example.com") + signed(.pass, "a.example.com"), .pass, .reject
        ),
        Case(
            "SPF fails, DKIM passes", spf: (.fail, "example.com"), dkim: signed(.pass, "example.com"), .pass, .reject),
        Case(
            "SPF passes, DKIM fails", spf: (.pass, "example.com"), dkim: signed(.fail, "example.com"), .pass, .reject),
        Case(
            "strict DKIM of the parent", from: "strict.example.com", dkim: signed(.pass, "example.com"), .fail,
            DMARCPolicy.Disposition.none),
        Case(
            "strict DKIM of the domain", from: "strict.example.com", dkim: signed(.pass, "Strict.Example.com"), .pass,
            DMARCPolicy.Disposition.none),
    ]

    static let discovery = [
        Case("the subdomain's own wish", from: "sub.example.com", .fail, .quarantine),
        Case("far below", from: "a.b.c.d.example.com", spf: (.pass, "x.example.com"), .pass, .quarantine),
        Case("a hyphen, and a suffix of two labels", from: "my-shop.co.uk", .fail, .quarantine),
        Case("below it", from: "a.my-shop.co.uk", dkim: signed(.pass, "my-shop.co.uk"), .pass, .quarantine),
        Case("its neighbour under the suffix", from: "my-shop.co.uk", spf: (.pass, "other.co.uk"), .fail, .quarantine),
        Case("U-labels in From", from: "b\u{fc}cher.com", dkim: signed(.pass, "xn--bcher-kva.com"), .pass, .reject),
        Case("U-labels in capitals", from: "B\u{dc}CHER.com", spf: (.pass, "a.b\u{fc}cher.com"), .pass, .reject),
        Case("dots of another script", from: "b\u{fc}cher\u{3002}com", .fail, .reject),
        Case("A-labels in From", from: "xn--bcher-kva.com", dkim: signed(.pass, "xn--bcher-kva.com"), .pass, .reject),
        Case("a final dot", from: "example.com.", spf: (.pass, "example.com"), .pass, .reject),
        Case("no policy", from: "example.org", spf: (.pass, "example.org"), .none),
        Case("no policy for a subdomain either", from: "a.example.org", .none),
        Case("no such domain", from: "nowhere.org", .none),
        Case("two policies are none", from: "two.org", spf: (.pass, "two.org"), .none),
        Case("a policy that cannot be read", from: "bad.org", spf: (.pass, "bad.org"), .permerror),
        Case("such a policy that wants reports", from: "reports.org", .fail, DMARCPolicy.Disposition.none),
        Case("a look-up that fails", from: "broken.org", spf: (.pass, "broken.org"), .temperror),
        Case("the first look-up fails, the second would not", from: "sub.half.org", .temperror),
        Case("the second look-up fails", from: "a.broken.org", .temperror),
        Case("a policy behind a CNAME", from: "alias.org", .fail, .reject),
        Case("a policy in two strings", from: "pieces.org", .fail, .reject),
        Case("a suffix's own policy is not its children's", from: "other.com", .none),
        Case("a private suffix", from: "a.me.github.io", dkim: signed(.pass, "you.github.io"), .fail, .reject),
        Case("np= for a name that does not exist (RFC 9091)", from: "nowhere.np.org", .fail, .reject),
        Case("np= with an address", from: "there.np.org", .fail, DMARCPolicy.Disposition.none),
        Case("np= with an IPv6 address", from: "six.np.org", .fail, DMARCPolicy.Disposition.none),
        Case("np= with a mail exchanger", from: "mail.np.org", .fail, DMARCPolicy.Disposition.none),
        Case("np= when that cannot be told", from: "unknown.np.org", .fail, DMARCPolicy.Disposition.none),
        Case("np= and the domain itself", from: "np.org", .fail, DMARCPolicy.Disposition.none),
        Case("an empty label", from: "a..b", .permerror),
        Case("no domain", from: "", .permerror),
        Case("the root", from: ".", .permerror),
        Case("a label of 64 octets", from: String(repeating: "a", count: 64) + ".com", .permerror),
    ]

    static let all = spf + dkim + discovery

    @Test("RFC 7489: every case of the tables", arguments: all)
    func judges(_ c: Case) async {
        let spf = c.spf.map { SPFOutcome(result: $0.0, identity: .mailFrom, domain: $0.1) }
        let outcome = await DMARCEvaluator(resolver: Self.resolver, suffixes: DMARCTests.suffixes)
            .evaluate(fromDomain: c.from, spf: spf, dkim: c.dkim)
        #expect(outcome.result == c.expected, "\(outcome.reason)")
        #expect(outcome.requested == c.requested)
    }

    @Test("There are 60 cases and more")
    func tables() { #expect(Self.all.count >= 60) }

    @Test("The null reverse-path is judged by the name of HELO (RFC 7489 §3.1.2)")
    func nullSender() async {
        let evaluator = DMARCEvaluator(resolver: Self.resolver, suffixes: DMARCTests.suffixes)
        let spf = await SPFEvaluator(
            resolver: StaticResolver(["mx.example.com": [.txt("v=spf1 ip4:192.0.2.1 -all")]]), receiver: "mx.test"
        ).checkMailFrom(.null, helo: "mx.example.com", client: .v4(0xc000_0201))
        #expect(spf.result == .pass)
        #expect(await evaluator.evaluate(fromDomain: "example.com", spf: spf, dkim: []).result == .pass)
        #expect(await evaluator.evaluate(fromDomain: "two.com", spf: spf, dkim: []).result == .none)
    }

    static let samples: [(DMARCPolicy.Disposition, Int, Int, DMARCPolicy.Disposition)] = [
        (.reject, 100, 0, .reject), (.reject, 100, 99, .reject), (.reject, 20, 19, .reject),
        (.reject, 20, 20, .quarantine), (.reject, 0, 0, .quarantine), (.quarantine, 50, 49, .quarantine),
        (.quarantine, 50, 50, .none), (.none, 100, 0, .none),
    ]

    @Test("RFC 7489 §6.6.4: whom pct= leaves out the next milder thing happens", arguments: samples)
    func samplesMessages(
        _ requested: DMARCPolicy.Disposition, _ percent: Int, _ sample: Int, _ expected: DMARCPolicy.Disposition
    ) throws {
        var policy = try #require(DMARCPolicy(Array("v=DMARC1; p=\(requested.rawValue)".utf8)))
        policy.percent = percent
        var outcome = DMARCOutcome(result: .fail, domain: "example.com", requested: requested, policy: policy)
        #expect(outcome.disposition(sample: sample) == expected)
        outcome.result = .temperror
        #expect(outcome.disposition(sample: sample) == .none)
    }

    @Test("RFC 7489 §6.6.1: of several domains in From the strictest failure counts")
    func severalDomains() {
        let outcomes = [
            DMARCOutcome(result: .pass, domain: "a.example", requested: .reject),
            DMARCOutcome(result: .none, domain: "b.example"),
            DMARCOutcome(result: .permerror, domain: "c.example"),
            DMARCOutcome(result: .temperror, domain: "d.example"),
            DMARCOutcome(result: .fail, domain: "e.example", requested: DMARCPolicy.Disposition.none),
            DMARCOutcome(result: .fail, domain: "f.example", requested: .quarantine),
            DMARCOutcome(result: .fail, domain: "g.example", requested: .reject),
        ]
        for count in 1...outcomes.count {
            let some = Array(outcomes.prefix(count))
            #expect(DMARCOutcome.strictest(of: some) == outcomes[count - 1])
            #expect(DMARCOutcome.strictest(of: some.reversed()) == outcomes[count - 1])
        }
        #expect(DMARCOutcome.strictest(of: []) == nil)
    }
}
