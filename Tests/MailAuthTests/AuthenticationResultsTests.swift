import MailAuth
import MailCore
import Testing

@Suite struct AuthenticationResultsTests {
    typealias MethodResult = AuthenticationResults.MethodResult

    @Test("RFC 8601 §2.2: the field, a result a line")
    func writes() {
        let spf = SPFOutcome(result: .pass, identity: .mailFrom, domain: "example.org", reason: "mx of example.org")
        let field = AuthenticationResults(
            authservID: "mx.example.test",
            results: [
                MethodResult(spf: spf, mailFrom: "ann@example.org"),
                MethodResult(method: "dkim", result: "none"),
            ]
        ).field
        #expect(
            field == "Authentication-Results: mx.example.test;\r\n"
                + "\tspf=pass reason=\"mx of example.org\" smtp.mailfrom=ann@example.org;\r\n\tdkim=none\r\n")
        #expect(
            AuthenticationResults(authservID: "mx", results: []).field == "Authentication-Results: mx; none\r\n")
    }

    static let values: [(String, String)] = [
        ("example.org", "example.org"),
        ("a@b", "a@b"),
        ("", "\"\""),
        ("a b", "\"a b\""),
        ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ("x\r\nBcc: all@example.org", "\"x??Bcc: all@example.org\""),
        ("x; dkim=pass", "\"x; dkim=pass\""),
        ("x (y)", "\"x (y)\""),
        ("a@b@c", "\"a@b@c\""),
        ("caf\u{e9}", "\"caf??\""),
        ("\0", "\"?\""),
        (String(repeating: "a", count: 320), String(repeating: "a", count: 320)),
        (String(repeating: "a", count: 321), "\"" + String(repeating: "a", count: 320) + "\""),
    ]

    @Test("A stranger's value adds no line, no result and no comment", arguments: values)
    func quotes(_ value: String, _ expected: String) {
        let result = MethodResult(
            method: "spf", result: "fail", properties: [.init(type: "smtp", name: "mailfrom", value: value)])
        let field = AuthenticationResults(authservID: "mx", results: [result]).field
        #expect(field.hasSuffix("smtp.mailfrom=\(expected)\r\n"))
        #expect(field.split(separator: "\r\n").dropFirst().allSatisfy { $0.hasPrefix("\t") })
    }

    @Test("RFC 5322 §2.1.1: lines of at most 78 octets where a value does not need more")
    func folds() {
        let property = AuthenticationResults.Property(
            type: "smtp", name: "mailfrom", value: String(repeating: "v", count: 40))
        let result = MethodResult(method: "spf", result: "pass", properties: Array(repeating: property, count: 5))
        let field = AuthenticationResults(authservID: "mx.example.test", results: [result]).field
        #expect(field.split(separator: "\r\n").count > 3)
        #expect(field.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 })
    }

    static let headers: [(String, [String])] = [
        (
            "Authentication-Results: mx.example.test; spf=pass\r\nSubject: x\r\n\r\n",
            ["Authentication-Results: mx.example.test; spf=pass\r\n"]
        ),
        (
            "AUTHENTICATION-results \t: MX.Example.TEST; none\r\n",
            ["AUTHENTICATION-results \t: MX.Example.TEST; none\r\n"]
        ),
        (
            "Authentication-Results:\r\n\tmx.example.test;\r\n\tspf=pass\r\nTo: a\r\n",
            ["Authentication-Results:\r\n\tmx.example.test;\r\n\tspf=pass\r\n"]
        ),
        (
            "Authentication-Results: (a (nested\\)) b) mx.example.test 1; none\r\n",
            ["Authentication-Results: (a (nested\\)) b) mx.example.test 1; none\r\n"]
        ),
        (
            "Authentication-Results: \"mx.example.test\"; none\r\n",
            ["Authentication-Results: \"mx.example.test\"; none\r\n"]
        ),
        (
            "Authentication-Results: \"mx.\\example.test\"; none\r\n",
            ["Authentication-Results: \"mx.\\example.test\"; none\r\n"]
        ),
        ("Authentication-Results: mx.example.test.; none\n", ["Authentication-Results: mx.example.test.; none\n"]),
        ("Authentication-Results: mx.example.test(c); none\n", ["Authentication-Results: mx.example.test(c); none\n"]),
        ("Authentication-Results: ; spf=pass\r\n", ["Authentication-Results: ; spf=pass\r\n"]),
        ("Authentication-Results: (mx.example.test\r\n", ["Authentication-Results: (mx.example.test\r\n"]),
        ("Authentication-Results: mx.example.test; none", ["Authentication-Results: mx.example.test; none"]),
        ("Authentication-Results: other.example; spf=pass\r\n", []),
        ("Authentication-Results: xmx.example.test; spf=pass\r\n", []),
        ("X-Authentication-Results: mx.example.test; none\r\n", []),
        ("Authentication-Results-Old: mx.example.test; none\r\n", []),
        ("Subject: x\r\n Authentication-Results: mx.example.test; none\r\n", []),
        ("Subject: x\r\n\r\nAuthentication-Results: mx.example.test; none\r\n", []),
        ("", []),
    ]

    @Test("RFC 8601 §5: fields that claim to be ours are found, others are not", arguments: headers)
    func finds(_ header: String, _ expected: [String]) {
        let octets = Array(header.utf8)
        let ranges = AuthenticationResults.foreignFields(in: octets, claiming: ["mx.example.test", "mx2.example.test"])
        #expect(ranges.map { String(decoding: octets[$0], as: UTF8.self) } == expected)
    }

    static func signature(_ digits: String, domain: String = "example.org") -> DKIMOutcome {
        DKIMOutcome(
            result: .pass, domain: domain, selector: "s1", identity: "@\(domain)", algorithm: "rsa-sha256",
            signature: digits)
    }

    @Test("RFC 6008: header.b tells signatures apart")
    func tellsSignaturesApart() {
        let outcomes = ["abcdefghijk1", "abcdefghijk2", "x/y+zabcd", "short"].map { Self.signature($0) }
        let shown = MethodResult.results(of: outcomes).map { $0.properties.last?.value }
        #expect(shown == ["abcdefghijk1", "abcdefghijk2", "x/y+zabc", "short"])
        let same = String(repeating: "A", count: 344)
        let twins = MethodResult.results(of: [Self.signature(same), Self.signature(same)])
        #expect(twins.map { $0.properties.last?.value.utf8.count } == [40, 40])
    }

    @Test("RFC 8601 §2.7.1, RFC 8617 §10.1: a result for each signature, and one for the chain")
    func writesSignatures() {
        var bad = Self.signature("", domain: "")
        (bad.result, bad.reason, bad.selector, bad.identity, bad.algorithm) = (.permerror, "no tags", "", "", "")
        var results = MethodResult.results(of: [Self.signature("ab/defghij"), bad])
        results.append(.init(arc: ARCOutcome(status: .fail, reason: "seal 1: no"), client: .v4(0xc000_0201)))
        let field = AuthenticationResults(authservID: "mx", results: results).field
        #expect(
            field == "Authentication-Results: mx;\r\n"
                + "\tdkim=pass header.d=example.org header.i=@example.org header.s=s1\r\n"
                + "\theader.a=rsa-sha256 header.b=\"ab/defgh\";\r\n\tdkim=permerror reason=\"no tags\";\r\n"
                + "\tarc=fail reason=\"seal 1: no\" smtp.remote-ip=192.0.2.1\r\n")
        #expect(MethodResult.results(of: []) == [MethodResult(method: "dkim", result: "none")])
    }

    static let fields: [(String, String?)] = [
        ("mx; none", "mx"),
        (" mx.example.org 1; spf=pass smtp.mailfrom=a@b", "mx.example.org | spf pass smtp.mailfrom=a@b"),
        (
            "mx;\r\n dkim=pass (1024-bit (short) key) header.d=x.example header.b=\"a/b\"; dmarc=fail reason=\"a;b\"",
            "mx | dkim pass header.d=x.example header.b=a/b | dmarc fail (a;b)"
        ),
        ("(c) mx (c); Dkim/1 = Pass (c) Header.I = @x (c)", "mx | dkim pass header.i=@x"),
        ("\"a b\"; spf=none", "a b | spf none"),
        ("mx; spf=; =pass; x; ;;;", "mx"),
        ("mx; spf=pass smtp.mailfrom", "mx | spf pass"),
        ("mx", "mx"),
        ("; spf=pass", nil),
        ("", nil),
        ("(unfinished", nil),
        ("mx; spf=\"unfinished", "mx | spf unfinished"),
        ("mx; " + String(repeating: "a=b;", count: 150), "mx" + String(repeating: " | a b", count: 100)),
        (String(repeating: "m", count: 32_769), nil),
    ]

    @Test("RFC 8601 §2.2: a field is read, comments and all", arguments: fields)
    func reads(_ text: String, _ expected: String?) {
        let read = AuthenticationResults(parsing: Array(text.utf8)).map { results in
            ([results.authservID]
                + results.results.map { result in
                    ([result.method, result.result] + (result.reason.map { ["(\($0))"] } ?? [])
                        + result.properties.map { "\($0.type).\($0.name)=\($0.value)" })
                        .joined(separator: " ")
                }).joined(separator: " | ")
        }
        #expect(read == expected)
    }
}
