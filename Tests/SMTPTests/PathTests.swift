import MailCore
import Testing

@testable import SMTP

@Suite("Paths and parameters")
struct PathTests {
    struct Case: Sendable {
        var text: String
        /// The path as it is written out; nil when it is refused.
        var path: String?

        init(_ text: String, _ path: String?) {
            self.text = text
            self.path = path
        }
    }

    static let local256 = String(repeating: "a", count: 256)
    static let domain255 = [63, 63, 63, 63].map { String(repeating: "d", count: $0) }.joined(separator: ".")

    static let forward = [
        Case("<ann@example.org>", "<ann@example.org>"),
        Case("<Ann@Example.ORG>", "<Ann@example.org>"),
        Case("<postmaster>", "<postmaster>"),
        Case("<POSTMASTER>", "<postmaster>"),
        Case("<postmaster@example.org>", "<postmaster@example.org>"),
        Case("<ann>", nil),
        Case("<>", nil),
        Case("< ann@example.org>", nil),
        Case("<ann @example.org>", nil),
        Case("<ann@example.org >", nil),
        Case("<ann@@example.org>", nil),
        Case("<@example.org>", nil),
        Case("<ann@>", nil),
        Case("<.ann@example.org>", nil),
        Case("<ann.@example.org>", nil),
        Case("<a..b@example.org>", nil),
        Case("<a.b+c=d@example.org>", "<a.b+c=d@example.org>"),
        Case("<!#$%&'*+-/=?^_`{|}~@example.org>", "<!#$%&'*+-/=?^_`{|}~@example.org>"),
        Case("<a(b)@example.org>", nil),
        Case("<a,b@example.org>", nil),
        Case("<\"a b\"@example.org>", "<\"a b\"@example.org>"),
        Case("<\"a\\\"b\\\\c\"@example.org>", "<\"a\\\"b\\\\c\"@example.org>"),
        Case("<\"ann\"@example.org>", "<ann@example.org>"),
        Case("<\"a@b>c\"@example.org>", "<\"a@b>c\"@example.org>"),
        Case("<\"\"@example.org>", "<\"\"@example.org>"),
        Case("<\"ann@example.org>", nil),
        Case("<\"ann\\\"@example.org>", nil),
        Case("<\"a\tb\"@example.org>", nil),
        Case("<\"ann\"x@example.org>", nil),
        Case("<ann@example..org>", nil),
        Case("<ann@example.org.>", nil),
        Case("<ann@-example.org>", nil),
        Case("<ann@exam_ple.org>", "<ann@exam_ple.org>"),
        Case("<ann@localhost>", "<ann@localhost>"),
        Case("<ann@[192.0.2.1]>", "<ann@[192.0.2.1]>"),
        Case("<ann@[192.0.2.256]>", nil),
        Case("<ann@[192.0.2]>", nil),
        Case("<ann@[IPv6:2001:DB8::1]>", "<ann@[ipv6:2001:db8::1]>"),
        Case("<ann@[ipv6:::]>", "<ann@[ipv6:::]>"),
        Case("<ann@[IPv6:2001:db8]>", nil),
        Case("<ann@[2001:db8::1]>", nil),
        Case("<ann@[IPv6:]>", nil),
        Case("<ann@[x400:c=de]>", nil),
        Case("<ann@[192.0.2.1>", nil),
        Case("<ann@[]>", nil),
        Case("<@a.example:ann@example.org>", "<ann@example.org>"),
        Case("<@a.example,@b.example:ann@example.org>", "<ann@example.org>"),
        Case("<@a.example,b.example:ann@example.org>", nil),
        Case("<@a.example,:ann@example.org>", nil),
        Case("<@a.example ann@example.org>", nil),
        Case("<@a.example:>", nil),
        Case("<ann@example.org", nil),
        Case("ann@example.org", nil),
        Case("", nil),
        Case("<\(local256)@example.org>", "<\(local256)@example.org>"),
        Case("<a\(local256)@example.org>", nil),
        Case("<ann@\(domain255)>", "<ann@\(domain255)>"),
        Case("<ann@\(domain255).d>", nil),
        Case("<ann@\(String(repeating: "d", count: 64)).org>", nil),
    ]

    @Test("RFC 5321 §4.1.2: forward paths", arguments: forward)
    func forwardPath(_ c: Case) {
        let command = try? Command(Array("RCPT TO:\(c.text)".utf8))
        guard case .rcpt(let path) = command else { return #expect(c.path == nil, "\(c.text)") }
        #expect(path.description == c.path, "\(c.text)")
    }

    static let reverse = [
        Case("<>", "<>"), Case("<ann@example.org>", "<ann@example.org>"), Case("<postmaster>", nil), Case("< >", nil),
        Case("<@a.example:ann@example.org>", "<ann@example.org>"), Case("<>>", nil), Case("<ann@example.org>x", nil),
    ]

    @Test("RFC 5321 §4.1.2: reverse paths", arguments: reverse)
    func reversePath(_ c: Case) {
        let command = try? Command(Array("MAIL FROM:\(c.text)".utf8))
        guard case .mail(let path, _) = command else { return #expect(c.path == nil, "\(c.text)") }
        #expect(path.description == c.path, "\(c.text)")
    }

    @Test(
        "octets that are not UTF-8 are refused",
        arguments: [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80]] as [[UInt8]])
    func notUTF8(_ octets: [UInt8]) {
        let line = Array("RCPT TO:<a".utf8) + octets + Array("@example.org>".utf8)
        #expect(throws: CommandError.self) { try Command(line) }
    }

    struct ParameterCase: Sendable {
        var text: String
        var parameters: MailParameters?
        var code = 501

        init(_ text: String, _ parameters: MailParameters) {
            self.text = text
            self.parameters = parameters
        }
        init(_ text: String, _ code: Int) {
            self.text = text
            self.code = code
        }
    }

    static let parameters = [
        ParameterCase("", MailParameters()),
        ParameterCase("  ", MailParameters()),
        ParameterCase(" SIZE=0", MailParameters(sizeOctets: 0)),
        ParameterCase(" size=12345678", MailParameters(sizeOctets: 12_345_678)),
        ParameterCase(" SIZE=99999999999999999999", MailParameters(sizeOctets: Int.max)),
        ParameterCase(" SIZE=000000000000000000001", 501),
        ParameterCase(" SIZE=", 501),
        ParameterCase(" SIZE", 555),
        ParameterCase(" SIZE=-1", 501),
        ParameterCase(" SIZE=+1", 501),
        ParameterCase(" SIZE=1x", 501),
        ParameterCase(" BODY=8bitmime  SIZE=7", MailParameters(sizeOctets: 7, body: .eightBitMIME)),
        ParameterCase(" BODY=7BIT", MailParameters(body: .sevenBit)),
        ParameterCase(" BODY=BINARYMIME", 501),
        ParameterCase(" BODY=7BIT BODY=7BIT", 501),
        ParameterCase(" AUTH=<>", MailParameters(submitter: "<>")),
        ParameterCase(" AUTH=e+3Dmc2@example.com", MailParameters(submitter: "e=mc2@example.com")),
        ParameterCase(" AUTH=a+3", 501),
        ParameterCase(" AUTH=a+3d", 501),
        ParameterCase(" AUTH=+FF", 501),
        ParameterCase(
            " AUTH=\(String(repeating: "a", count: 500))", MailParameters(submitter: String(repeating: "a", count: 500))
        ),
        ParameterCase(" AUTH=\(String(repeating: "a", count: 501))", 501),
        ParameterCase(" SMTPUTF8", MailParameters(isInternationalized: true)),
        ParameterCase(" SMTPUTF8=1", 555),
        ParameterCase(" RET=HDRS", 555),
        ParameterCase(" X", 555),
        ParameterCase(" =1", 555),
        ParameterCase(" SIZE=1=2", 501),
        ParameterCase("SIZE=1", 501),
    ]

    @Test("RFC 5321 §4.1.1.11: parameters of MAIL", arguments: parameters)
    func mailParameters(_ c: ParameterCase) {
        do {
            let command = try Command(Array("MAIL FROM:<ann@example.org>\(c.text)".utf8))
            guard case .mail(_, let parameters) = command else { return #expect(Bool(false)) }
            #expect(parameters == c.parameters, "\(c.text)")
        } catch {
            #expect(c.parameters == nil && error.reply.code == c.code, "\(c.text): \(error.reply)")
        }
    }
}
