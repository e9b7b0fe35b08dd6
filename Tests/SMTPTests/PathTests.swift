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
        guard case .rcpt(let path, _) = command else { return #expect(c.path == nil, "\(c.text)") }
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
        ParameterCase(" BODY=binarymime", MailParameters(body: .binaryMIME)),
        ParameterCase(" BODY=9BIT", 501),
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
        ParameterCase(" RET=hdrs", MailParameters(notification: .init(returned: .headers))),
        ParameterCase(" RET=FULL RET=FULL", 501),
        ParameterCase(" RET=NONE", 501),
        ParameterCase(" ENVID=a+20b RET=FULL", MailParameters(notification: .init(returned: .full, envelopeID: "a b"))),
        ParameterCase(" ENVID=a+0Ab", 501),
        ParameterCase(" ENVID=\u{e4}", 501),
        ParameterCase(
            " ENVID=\(String(repeating: "a", count: 100))",
            MailParameters(notification: .init(envelopeID: String(repeating: "a", count: 100)))),
        ParameterCase(" ENVID=\(String(repeating: "a", count: 101))", 501),
        ParameterCase(" REQUIRETLS", MailParameters(requiresTLS: true)),
        ParameterCase(" REQUIRETLS=1", 555),
        ParameterCase(" NOTIFY=NEVER", 555),
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

    static let notifications: [(String, RecipientNotification?)] = [
        ("", .init()),
        (" NOTIFY=never", .init(occasions: [])),
        (" NOTIFY=SUCCESS,FAILURE,DELAY", .init(occasions: [.success, .failure, .delay])),
        (" NOTIFY=DELAY,DELAY", .init(occasions: [.delay])),
        (" NOTIFY=DELAY,DELAY,DELAY,DELAY,DELAY", nil),
        (" NOTIFY=NEVER,DELAY", nil),
        (" NOTIFY=DELAY,", nil),
        (" NOTIFY", nil),
        (" NOTIFY=DELAY NOTIFY=DELAY", nil),
        (" ORCPT=RFC822;a+2Bb@x.test NOTIFY=DELAY", .init(occasions: [.delay], original: "rfc822;a+b@x.test")),
        (" ORCPT=x400;/C=", nil),
        (" ORCPT=rfc822;", nil),
        (" ORCPT=;a@x.test", nil),
        (" ORCPT=a@x.test", nil),
        (" ORCPT=rfc822;a+0D+0ANotify", nil),
        (" ORCPT=rfc822;\u{e4}@x.test", nil),
        (" ORCPT=utf-8;\u{e4}\\x{C7}@x.test", .init(original: "utf-8;\u{e4}\\x{C7}@x.test")),
        (
            " ORCPT=rfc822;\(String(repeating: "a", count: 493))",
            .init(original: "rfc822;" + String(repeating: "a", count: 493))
        ),
        (" ORCPT=rfc822;\(String(repeating: "a", count: 494))", nil),
    ]

    @Test("RFC 3461 §4: parameters of RCPT", arguments: notifications)
    func recipientParameters(_ text: String, _ expected: RecipientNotification?) {
        let command = try? Command(Array("RCPT TO:<bob@example.org>\(text)".utf8))
        guard case .rcpt(let recipient, _) = command else { return #expect(expected == nil, "\(text)") }
        #expect(recipient.notification == expected, "\(text)")
    }
}
