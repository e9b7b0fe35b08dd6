import SASL
import Testing

@Suite struct PlainTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var message: String
        var expected: Credentials?
        var testDescription: String { message.prefix(30).debugDescription }

        init(_ message: String, _ expected: Credentials?) {
            self.message = message
            self.expected = expected
        }
    }

    static func named(_ name: String, _ password: String, as other: String? = nil) -> Credentials {
        Credentials(authorizationIdentity: other, authenticationIdentity: name, password: password)
    }

    static let long255 = String(repeating: "n", count: 255)
    static let long1000 = String(repeating: "p", count: 1_000)

    static let cases = [
        Case("\0tim\0tanstaaftanstaaf", named("tim", "tanstaaftanstaaf")),  // RFC 4616 §4.
        Case("Ursel\0Kurt\0xipj3plmq", named("Kurt", "xipj3plmq", as: "Ursel")),  // RFC 4616 §4.
        Case("\0jos\u{e9}@example.test\0\u{3c0}\u{df}", named("jos\u{e9}@example.test", "\u{3c0}\u{df}")),
        Case("\0a\0 ", named("a", " ")),
        Case("", nil),
        Case("tim", nil),
        Case("tim\0secret", nil),
        Case("\0\0secret", nil),
        Case("\0tim\0", nil),
        Case("\0\0", nil),
        Case("\0tim\0sec\0ret", nil),
        Case("\0tim\0secret\0", nil),
        Case("\0\0tim\0secret", nil),
        Case("\0\(long255)\0p", named(long255, "p")),
        Case("\0\(long255)n\0p", nil),
        Case("\(long255)\0a\0p", named("a", "p", as: long255)),
        Case("\(long255)n\0a\0p", nil),
        Case("\0a\0\(long1000)", named("a", long1000)),
        Case("\0a\0\(long1000)p", nil),
        Case("\(long255)\0\(long255)\0\(long1000)", named(long255, long1000, as: long255)),
    ]

    @Test("RFC 4616 §2: [authzid] NUL authcid NUL passwd, within bounds, and nothing else", arguments: cases)
    func message(_ c: Case) {
        #expect(Credentials(plainMessage: Array(c.message.utf8)) == c.expected)
    }

    @Test(
        "RFC 4616 §2: octets that are not UTF-8 are refused in each part",
        arguments: [[0xff, 0, 97, 0, 98], [0, 0xc3, 0, 98], [0, 97, 0, 0xe9]] as [[UInt8]])
    func notUTF8(message: [UInt8]) {
        #expect(Credentials(plainMessage: message) == nil)
    }

    @Test("No text made of credentials shows the password")
    func description() {
        let credentials = Self.named("tim", "hunter2", as: "ursel")
        var dumped = ""
        dump(credentials, to: &dumped)
        dump(ServerExchange.Step.verify(credentials), to: &dumped)
        for text in [
            "\(credentials)", String(describing: credentials), String(reflecting: credentials), dumped,
            "\(ServerExchange.Step.verify(credentials))", String(reflecting: Optional(credentials)),
        ] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("tim"))
        }
    }
}
