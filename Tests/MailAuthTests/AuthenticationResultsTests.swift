import MailAuth
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
}
