import NIOCore
import Testing

@testable import MIME

@Suite struct PlainHeaderTests {
    static let cases: [(String, String?)] = [
        // US-ASCII is left as it is, octet by octet.
        ("Subject: plain\r\n  folded\r\nX:\t y\r\n\r\n", nil),
        (
            "X: a\r\n  b\r\nSubject: Gr\u{fc}n\r\nY:c\r\n\r\n",
            "X: a\r\n  b\r\nSubject: =?utf-8?Q?Gr=C3=BCn?=\r\nY:c\r\n\r\n"
        ),
        // RFC 6858 §2.1: an address that cannot be written becomes one that nobody has; others stay.
        (
            "To: J\u{f8}ran <j\u{f8}ran@example.com>, bob@example.org\r\n\r\n",
            "To: =?utf-8?B?SsO4cmFuIDxqw7hyYW5AZXhhbXBsZS5jb20+?=\r\n"
                + " <invalid@internationalized-address.invalid>, bob@example.org\r\n\r\n"
        ),
        ("From: J\u{f8}ran <joran@example.com>\r\n\r\n", "From: =?utf-8?Q?J=C3=B8ran?= <joran@example.com>\r\n\r\n"),
        (
            "Return-Path: <j\u{f8}ran@example.com>\r\n\r\n",
            "Return-Path: =?utf-8?Q?j=C3=B8ran=40example=2Ecom?=\r\n <invalid@internationalized-address.invalid>\r\n\r\n"
        ),
        // RFC 6858 §2.2, RFC 2231: parameters.
        (
            "Content-Disposition: attachment; size=5; filename=\"Stra\u{df}e 1.txt\"\r\n\r\n",
            "Content-Disposition: attachment; size=5; filename*=utf-8''Stra%C3%9Fe%201.txt\r\n\r\n"
        ),
        // RFC 6858 §2.4: what is left is left out.
        ("X-Note: sch\u{f6}n\r\nA: b\r\n\r\n", "A: b\r\n\r\n"),
        ("Received: from k\u{f6}ln by x; now\r\nk\u{f6}ln\r\nA: b\r\n\r\n", "A: b\r\n\r\n"),
        ("To: undisclosed k\u{f6}ln:;\r\n\r\n", "\r\n"),
    ]

    @Test("a header in US-ASCII (RFC 6858)", arguments: cases)
    func becomes(_ header: String, _ expected: String?) {
        #expect(Header(parsing: ByteBuffer(string: header)).inASCII().map { String(buffer: $0) } == expected)
    }

    @Test("a header in no UTF-8 is shown as it came")
    func isLeft() {
        let octets = ByteBuffer(bytes: Array("Subject: ".utf8) + [0xe4, 0x20] + Array("x\r\n\r\n".utf8))
        #expect(Header(parsing: octets).inASCII() == nil)
    }
}
