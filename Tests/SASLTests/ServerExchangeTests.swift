import SASL
import Testing

@Suite struct ServerExchangeTests {
    typealias Step = ServerExchange.Step

    /// One exchange in the form of lines; a nil first line says that there was no initial response.
    struct Case: Sendable, CustomTestStringConvertible {
        var mechanism: Mechanism
        var lines: [String?]
        var expected: [Step]
        var testDescription: String { "\(mechanism) \(lines.map { $0?.prefix(40) ?? "nil" })" }

        init(_ mechanism: Mechanism, _ lines: [String?], _ expected: [Step]) {
            self.mechanism = mechanism
            self.lines = lines
            self.expected = expected
        }
    }

    static func base64(_ text: String) -> String { String(decoding: Base64.encode(text.utf8), as: UTF8.self) }
    static func challenge(_ text: String) -> Step { .challenge(Array(text.utf8)) }

    static let tim = Step.verify(Credentials(authenticationIdentity: "tim", password: "tanstaaftanstaaf"))
    static let timPlain = "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"

    static let cases = [
        Case(.plain, [timPlain], [tim]),
        Case(.plain, [nil, timPlain], [challenge(""), tim]),
        Case(.plain, [nil, "*"], [challenge(""), .failed(.cancelled)]),
        Case(.plain, ["="], [.failed(.malformedMessage)]),
        Case(.plain, [""], [.failed(.malformedBase64)]),
        Case(.plain, ["*"], [.failed(.malformedBase64)]),
        Case(.plain, [nil, ""], [challenge(""), .failed(.malformedMessage)]),
        // "=" has its meaning in an initial response only.
        Case(.plain, [nil, "="], [challenge(""), .failed(.malformedBase64)]),
        Case(.plain, [timPlain, timPlain], [tim, .failed(.unexpected)]),
        Case(.plain, [nil, "*", timPlain], [challenge(""), .failed(.cancelled), .failed(.unexpected)]),
        Case(.plain, ["AHRpbQB0YW5zdGFhZnRhbnN0YWF"], [.failed(.malformedBase64)]),
        Case(
            .login, [nil, base64("tim"), base64("tanstaaftanstaaf")],
            [challenge("Username:"), challenge("Password:"), tim]),
        Case(.login, [base64("tim"), base64("tanstaaftanstaaf")], [challenge("Password:"), tim]),
        Case(.login, [nil, "*"], [challenge("Username:"), .failed(.cancelled)]),
        Case(.login, [base64("tim"), "*"], [challenge("Password:"), .failed(.cancelled)]),
        Case(.login, [nil, ""], [challenge("Username:"), .failed(.malformedMessage)]),
        Case(.login, ["="], [.failed(.malformedMessage)]),
        Case(.login, [base64("tim"), ""], [challenge("Password:"), .failed(.malformedMessage)]),
        Case(.login, [base64("t\0m")], [.failed(.malformedMessage)]),
        Case(.login, [base64("tim"), base64("p\0p")], [challenge("Password:"), .failed(.malformedMessage)]),
        Case(
            .login, [base64(PlainTests.long255), base64(PlainTests.long1000)],
            [
                challenge("Password:"),
                .verify(Credentials(authenticationIdentity: PlainTests.long255, password: PlainTests.long1000)),
            ]),
        Case(.login, [base64(PlainTests.long255 + "n")], [.failed(.malformedMessage)]),
        Case(
            .login, [base64("a"), base64(PlainTests.long1000 + "p")],
            [challenge("Password:"), .failed(.malformedMessage)]),
    ]

    @Test("RFC 4422 §3, RFC 4954 §4: an exchange in lines of base64", arguments: cases)
    func exchange(_ c: Case) {
        var exchange = ServerExchange(c.mechanism)
        var steps: [Step] = []
        for (index, line) in c.lines.enumerated() {
            if index == 0 {
                steps.append(line.map { exchange.start(initialResponseText: $0.utf8) } ?? exchange.start())
            } else {
                steps.append(exchange.respond(line: (line ?? "").utf8))
            }
        }
        #expect(steps == c.expected)
    }

    @Test("A message at the bound is read, and one octet past it is too long", arguments: Mechanism.allCases)
    func bound(mechanism: Mechanism) {
        for (octets, failure) in [(9_216, ServerExchange.Failure.malformedMessage), (9_217, .tooLong)] {
            let message = [UInt8](repeating: 97, count: octets)
            var direct = ServerExchange(mechanism)
            #expect(direct.start(initialResponse: message) == .failed(failure))
            var asText = ServerExchange(mechanism)
            #expect(asText.start(initialResponseText: Base64.encode(message)) == .failed(failure))
            var asLine = ServerExchange(mechanism)
            _ = asLine.start()
            #expect(asLine.respond(line: Base64.encode(message)) == .failed(failure))
        }
    }

    @Test("An exchange that was not started takes no answer")
    func unstarted() {
        var exchange = ServerExchange(.plain)
        #expect(exchange.respond(line: Self.timPlain.utf8) == .failed(.unexpected))
        #expect(exchange.start() == .failed(.unexpected))
    }

    @Test(
        "RFC 4422 §3.1: mechanisms by name, in any case",
        arguments: [
            ("PLAIN", Mechanism.plain), ("plain", .plain), ("Login", .login), ("", nil), ("PLAI", nil),
            ("PLAINS", nil), ("SCRAM-SHA-256", .scramSHA256), ("scram-sha-256-plus", .scramSHA256Plus),
            ("SCRAM-SHA-1", nil), ("CRAM-MD5", nil), ("PLAIN\0", nil),
            ("plaIN-plain-plain-plain", nil),
        ])
    func names(name: String, mechanism: Mechanism?) {
        #expect(Mechanism(name: name.utf8) == mechanism)
    }
}
