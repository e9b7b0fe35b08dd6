import DNS
import MailAuth
import Testing

@Suite struct DMARCTests {
    static let suffixes = PublicSuffixList(
        Array("// comment\ncom\norg\nuk\nco.uk\n*.ck\n!www.ck\n\u{516c}\u{53f8}.cn\ncn\ngithub.io\nio\n".utf8))

    static let domains: [(String, String)] = [
        ("example.com", "example.com"),
        ("a.b.Example.com.", "example.com"),
        ("a.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("com", "com"),
        ("x.unlisted", "x.unlisted"),
        ("a.x.unlisted", "x.unlisted"),
        ("a.b.c.ck", "b.c.ck"),
        ("c.ck", "c.ck"),
        ("www.ck", "www.ck"),
        ("a.www.ck", "www.ck"),
        ("a.me.github.io", "me.github.io"),
        ("a.b.\u{516c}\u{53f8}.cn", "b.xn--55qx5d.cn"),
        ("a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn"),
        ("a.b\u{fc}cher.com", "xn--bcher-kva.com"),
    ]

    @Test("RFC 7489 §3.2: the organisational domain", arguments: domains)
    func organisation(_ domain: String, _ expected: String) {
        #expect(Self.suffixes.organisationalDomain(of: domain) == expected)
    }

    @Test("The list of the system is read")
    func readsList() throws {
        let list = try PublicSuffixList()
        #expect(list.organisationalDomain(of: "a.b.example.co.uk") == "example.co.uk")
        #expect(throws: PublicSuffixList.Unreadable.self) { try PublicSuffixList(path: "/nonexistent/list") }
    }

    static let records: [(String, String?)] = [
        ("v=DMARC1; p=reject", "reject reject 100"),
        ("v=DMARC1;p=none;sp=quarantine;pct=20", "none quarantine 20"),
        ("v = DMARC1 ; P = Reject ;", "reject reject 100"),
        ("v=DMARC1; sp=none; p=reject; x=y; foo", "reject none 100"),
        ("v=DMARC1; p=reject; pct=101", "reject reject 100"),
        ("v=DMARC1; p=reject; pct=-1", "reject reject 100"),
        ("v=DMARC1; p=bad", nil),
        ("v=DMARC1", nil),
        ("v=DMARC1; rua=mailto:a@example.com", "none none 100"),
        ("v=DMARC1; p=reject; sp=bad; rua=mailto:a@example.com", "none none 100"),
        ("v=DMARC1; p=reject; sp=bad", nil),
        ("v=DMARC1; p=bad; rua=nonsense", nil),
        ("v=DMARC2; p=reject", nil),
        ("v=dmarc1; p=reject", nil),
        ("p=reject; v=DMARC1", nil),
        ("", nil),
    ]

    @Test("RFC 7489 §6.3, §6.6.3: the record", arguments: records)
    func reads(_ text: String, _ expected: String?) {
        let policy = DMARCPolicy(Array(text.utf8))
        #expect(policy.map { "\($0.domain.rawValue) \($0.subdomains.rawValue) \($0.percent)" } == expected)
    }

    struct Case: Sendable {
        var from = "example.com"
        var spf: (SPFResult, String)? = nil
        var dkim: [DKIMResult] = []
        var expected: DMARCOutcome.Result
        var requested: DMARCPolicy.Disposition? = nil
    }

    static let resolver = StaticResolver([
        "_dmarc.example.com": [.txt("unrelated"), .txt("v=DMARC1; p=reject; sp=quarantine")],
        "_dmarc.strict.example.com": [.txt("v=DMARC1; p=none; adkim=s; aspf=s")],
        "_dmarc.two.org": [.txt("v=DMARC1; p=reject"), .txt("v=DMARC1; p=none")],
        "_dmarc.bad.org": [.txt("v=DMARC1; p=nonsense")],
        "_dmarc.broken.org": [.failure(nil)],
        "example.org": [.a("192.0.2.1")],
    ])

    static let cases = [
        Case(spf: (.pass, "example.com"), expected: .pass, requested: .reject),
        Case(spf: (.pass, "bounce.EXAMPLE.com."), expected: .pass, requested: .reject),
        Case(spf: (.pass, "other.com"), expected: .fail, requested: .reject),
        Case(spf: (.fail, "example.com"), expected: .fail, requested: .reject),
        Case(spf: (.softfail, "example.com"), expected: .fail, requested: .reject),
        Case(spf: (.temperror, "example.com"), expected: .temperror, requested: .reject),
        Case(spf: (.temperror, "other.com"), expected: .fail, requested: .reject),
        Case(expected: .fail, requested: .reject),
        Case(dkim: [.init(result: .pass, domain: "news.example.com")], expected: .pass, requested: .reject),
        Case(
            dkim: [.init(result: .fail, domain: "example.com"), .init(result: .pass, domain: "other.com")],
            expected: .fail, requested: .reject),
        Case(
            dkim: [.init(result: .pass, domain: "other.com"), .init(result: .pass, domain: "example.com")],
            expected: .pass, requested: .reject),
        Case(dkim: [.init(result: .temperror, domain: "example.com")], expected: .temperror, requested: .reject),
        Case(from: "sub.example.com", expected: .fail, requested: .quarantine),
        Case(
            from: "strict.example.com", spf: (.pass, "example.com"), expected: .fail,
            requested: DMARCPolicy.Disposition.none),
        Case(
            from: "strict.example.com", spf: (.pass, "strict.example.com"), expected: .pass,
            requested: DMARCPolicy.Disposition.none),
        Case(from: "example.org", spf: (.pass, "example.org"), expected: .none),
        Case(from: "a.example.org", expected: .none),
        Case(from: "two.org", spf: (.pass, "two.org"), expected: .none),
        Case(from: "bad.org", spf: (.pass, "bad.org"), expected: .permerror),
        Case(from: "broken.org", spf: (.pass, "broken.org"), expected: .temperror),
        Case(from: "a..b", expected: .permerror),
        Case(from: "", expected: .permerror),
    ]

    @Test("RFC 7489 §3.1, §6.6: discovery, alignment and result", arguments: cases)
    func judges(_ c: Case) async {
        let spf = c.spf.map { SPFOutcome(result: $0.0, identity: .mailFrom, domain: $0.1) }
        let outcome = await DMARCEvaluator(resolver: Self.resolver, suffixes: Self.suffixes)
            .evaluate(fromDomain: c.from, spf: spf, dkim: c.dkim)
        #expect(outcome.result == c.expected, "\(outcome.reason)")
        #expect(outcome.requested == c.requested)
    }

    @Test("Without a resolver the result is temperror")
    func disabled() async {
        let outcome = await DMARCEvaluator(resolver: DisabledResolver(), suffixes: Self.suffixes)
            .evaluate(fromDomain: "example.com", spf: nil, dkim: [])
        #expect(outcome.result == .temperror)
    }
}
