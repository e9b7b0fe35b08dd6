import DNS
import MailCore
import Testing

@Suite struct LookupTests {
    static let resolver = StaticResolver([
        "Example.org": [.a("192.0.2.1"), .mx(20, "b.example.org"), .mx(10, "a.example.org"), .mx(20, "c.example.org")],
        "null.test": [.mx(0, ".")],
        "mixed.test": [.mx(0, "."), .mx(5, "mx.test")],
        "alias.test": [.cname("other.test")],
        "other.test": [.cname("Example.org")],
        "circle.test": [.cname("circle.test")],
        "six.test": [.aaaa("2001:db8::1")],
        "both.test": [.a("192.0.2.2"), .aaaa("2001:db8::2")],
        "half.test": [.a("192.0.2.3"), .failure(.aaaa)],
        "down.test": [.failure(nil)],
        "text.test": [.strings([Array("v=spf1".utf8), Array(" -all".utf8)]), .txt("second")],
        "deep.below.test": [.a("192.0.2.4")],
        "1.2.0.192.in-addr.arpa": [.ptr("wrong.test"), .ptr("example.org")],
        "2.2.0.192.in-addr.arpa": [.ptr("example.org")],
        "3.2.0.192.in-addr.arpa": [.ptr("down.test")],
        "4.2.0.192.in-addr.arpa": [.failure(nil)],
    ])

    private static func found(_ texts: String...) -> Lookup<IPAddress> {
        .found(texts.compactMap { IPAddress($0) }, isSecure: false)
    }

    static let addresses: [(String, Lookup<IPAddress>)] = [
        ("example.org", found("192.0.2.1")),
        ("EXAMPLE.ORG.", found("192.0.2.1")),
        ("alias.test", found("192.0.2.1")),
        ("six.test", found("2001:db8::1")),
        ("both.test", found("2001:db8::2", "192.0.2.2")),
        ("half.test", found("192.0.2.3")),
        ("null.test", .noData),
        ("below.test", .noData),
        ("none.test", .nameError),
        ("a..b", .nameError),
        ("down.test", .temporaryFailure("SERVFAIL")),
        ("circle.test", .temporaryFailure("CNAME records lead in a circle")),
    ]

    @Test("Addresses of both families, CNAME records followed", arguments: addresses)
    func looksUp(_ name: String, _ expected: Lookup<IPAddress>) async {
        #expect(await Self.resolver.addresses(of: name) == expected)
    }

    static let exchangers: [(String, MailExchangers)] = [
        (
            "example.org",
            .hosts(
                [
                    MailExchanger(preference: 10, host: "a.example.org"),
                    MailExchanger(preference: 20, host: "b.example.org"),
                    MailExchanger(preference: 20, host: "c.example.org"),
                ], isSecure: false)
        ),
        ("null.test", .nullMX),
        ("mixed.test", .hosts([MailExchanger(preference: 5, host: "mx.test")], isSecure: false)),
        ("six.test", .none),
        ("none.test", .nameError),
        ("down.test", .temporaryFailure("SERVFAIL")),
    ]

    @Test("RFC 5321 §5.1, RFC 7505: mail exchangers by preference, and none at all", arguments: exchangers)
    func looksUpExchangers(_ domain: String, _ expected: MailExchangers) async {
        #expect(await Self.resolver.mailExchangers(of: domain) == expected)
    }

    @Test func texts() async {
        #expect(
            await Self.resolver.texts(of: "text.test")
                == .found([Array("v=spf1 -all".utf8), Array("second".utf8)], isSecure: false))
    }

    static let confirmations: [(String, ForwardConfirmation)] = [
        ("192.0.2.1", .confirmed("example.org")),
        ("192.0.2.2", .mismatch("example.org")),
        ("192.0.2.3", .temporaryFailure("SERVFAIL")),
        ("192.0.2.4", .temporaryFailure("SERVFAIL")),
        ("192.0.2.5", .noName),
        ("2001:db8::1", .noName),
    ]

    @Test("RFC 8601 §3: iprev wants a name that has the address", arguments: confirmations)
    func confirms(_ address: String, _ expected: ForwardConfirmation) async throws {
        #expect(await Self.resolver.forwardConfirmation(of: try #require(IPAddress(address))) == expected)
    }

    @Test("The disabled resolver fails for now, at once")
    func disabled() async {
        guard case .temporaryFailure = await DisabledResolver().query("example.org", .a) else {
            Issue.record("an answer from nowhere")
            return
        }
    }

    @Test("Data of a bogus answer is never seen")
    func bogus() {
        #expect(
            Lookup<IPAddress>(.bogus("bad signature"), RecordData.ipv4) == .temporaryFailure("DNSSEC: bad signature"))
    }
}
