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
        ("v=DMARC1; p=reject; np=bad", "reject reject 100"),
        ("v=DMARC1; p=reject; pct=0", "reject reject 0"),
        ("v=DMARC1; p=reject; pct=twenty", "reject reject 100"),
        ("v=DMARC1; p=reject; p=none", "reject reject 100"),
        ("v=DMARC1 p=reject", nil),
        ("v=DMARC1; p=", nil),
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

    @Test("Without a resolver the result is temperror")
    func disabled() async {
        let outcome = await DMARCEvaluator(resolver: DisabledResolver(), suffixes: Self.suffixes)
            .evaluate(fromDomain: "example.com", spf: nil, dkim: [])
        #expect(outcome.result == .temperror)
    }
}
