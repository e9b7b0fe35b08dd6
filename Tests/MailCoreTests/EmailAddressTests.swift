import MailCore
import Testing

@Suite struct EmailAddressTests {
    struct Case: Sendable {
        var input: String
        var expected: String?
    }

    static let cases = [
        Case(input: "ann@Example.ORG", expected: "ann@example.org"),
        Case(input: "a.b+c@x", expected: "a.b+c@x"),
        Case(input: "@x", expected: nil),
        Case(input: "ann@", expected: nil),
        Case(input: "ann@-x.org", expected: nil),
        Case(input: "ann@x..org", expected: nil),
        Case(input: "a b@x.org", expected: nil),
        Case(input: "a@b@x.org", expected: nil),
        Case(input: String(repeating: "a", count: 64) + "@x", expected: String(repeating: "a", count: 64) + "@x"),
        Case(input: String(repeating: "a", count: 65) + "@x", expected: nil),
    ]

    @Test("RFC 5321 §4.1.2, §4.5.3.1: an address as people type it", arguments: cases)
    func reads(_ c: Case) {
        #expect(EmailAddress(c.input)?.description == c.expected)
    }

    @Test("RFC 5321 §4.1.2: a local part that is no Dot-string is quoted on the wire")
    func quotes() {
        #expect(EmailAddress(localPart: "a \"b", domain: "X").description == "\"a \\\"b\"@x")
        #expect(EmailAddress(localPart: "a..b", domain: "x").description == "\"a..b\"@x")
    }
}
