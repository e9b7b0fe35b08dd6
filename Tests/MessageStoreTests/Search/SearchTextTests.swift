import MIME
import NIOCore
import Testing

@testable import MessageStore

@Suite("The text that is searched")
struct SearchTextTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var mail: String
        var header: [String]?
        var body: [String]

        var testDescription: String { title }

        init(_ title: String, _ mail: String, header: [String]? = nil, body: [String]) {
            self.title = title
            self.mail = mail.replacing("\n", with: "\r\n")
            self.header = header
            self.body = body.map { $0.replacing("\n", with: "\r\n") }
        }
    }

    static let cases = [
        Case(
            "fields as \"Name: value\", unfolded, words decoded (RFC 2047), folded to lower case",
            """
            Subject: =?ISO-8859-1?Q?Gr=FC=DFe?= =?utf-8?B?IGF1cyBLw7Zsbg==?=
            X-Long:\u{20}
             One
            \tTwo\u{20}
            From: ANN <Ann@Here.Test>
            not a field
            Empty:

            """,
            header: [
                "subject: grüße aus köln", "x-long: one\ttwo", "from: ann <ann@here.test>", "not a field", "empty: ",
            ], body: [""]),
        Case(
            "octets above 127 in a field are UTF-8, or else ISO-8859-1",
            "Subject: Ärger\n\n", header: ["subject: ärger"], body: [""]),
        Case(
            "\"=?\" that is no encoded word stays as it stands",
            "Subject: a =?b= c?=\n\n", header: ["subject: a =?b= c?="], body: [""]),
        Case(
            "quoted-printable and charset undone",
            """
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: quoted-printable

            Die Stra=DFe nach S=
            =FCden.
            """, body: ["die straße nach süden."]),
        Case(
            "base64 and UTF-16, in which US-ASCII's octets mean something else",
            """
            Content-Type: text/plain; charset=utf-16le
            Content-Transfer-Encoding: base64

            SABpAA==
            """, body: ["hi"]),
        Case(
            "ISO-2022-JP is decoded although its octets are all US-ASCII",
            "Content-Type: text/plain; charset=iso-2022-jp\n\n\u{1b}$BF|K\\\u{1b}(B", body: ["日本"]),
        Case(
            "HTML as it shows, not as it is written",
            """
            Content-Type: text/html

            <p class="secret">Hel<b>lo</b> &amp; <i>W&ouml;rld</i></p><script>var x</script>
            """, body: ["hello & wörld"]),
        Case(
            "the fields of the parts belong to the body; what stands around the parts is not looked at",
            """
            Subject: Outside
            Content-Type: multipart/mixed; boundary=b

            preamble
            --b
            X-Part: One

            First
            --b
            Content-Type: application/octet-stream

            opaque
            --b--
            epilogue
            """, header: ["subject: outside", "content-type: multipart/mixed; boundary=b"],
            body: ["x-part: one", "first", "content-type: application/octet-stream"]),
        Case(
            "the header and the text of a message inside",
            """
            Content-Type: message/rfc822

            Subject: =?utf-8?Q?Inn=C3=A9r?=

            Text inside
            """, body: ["subject: innér", "text inside"]),
        Case(
            "the name of an attachment, as it is written and as it is meant (RFC 2231)",
            """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: image/png
            Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.png

            x
            --b--
            """,
            body: [
                "content-type: image/png", "content-disposition: attachment; filename*=utf-8''caf%c3%a9.png",
                "café.png",
            ]),
        Case(
            "a report of delivery is text (RFC 3464)",
            "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; Bob@Here.Test\n",
            body: ["final-recipient: rfc822; bob@here.test\n"]),
        Case("a message of nothing", "", header: [], body: [""]),
        Case("a message without an empty line", "Subject: only", header: ["subject: only"], body: [""]),
        Case("a line that is no header at all", "\nbody", header: [], body: ["body"]),
    ]

    @Test("pieces", arguments: cases)
    func pieces(_ c: Case) {
        let found = Self.pieces(of: c.mail)
        if let header = c.header { #expect(found.header == header) }
        #expect(found.body == c.body)
    }

    static func pieces(of mail: String) -> (header: [String], body: [String]) {
        let message = MIME.Message(parsing: ByteBuffer(string: mail))
        var reader = SearchPieces()
        var header: [String] = []
        var body: [String] = []
        _ = reader.read(message.header) {
            header.append(String(decoding: $0, as: UTF8.self)); return true
        }
        _ = reader.readBody(of: message) {
            body.append(String(decoding: $0, as: UTF8.self)); return true
        }
        return (header, body)
    }

    @Test("a needle is found in one piece, not across two")
    func needles() {
        let message = MIME.Message(
            parsing: ByteBuffer(string: "Subject: One\r\nFrom: Two\r\n\r\nThe FIRST line\r\nand the second"))
        for (text, isThere) in [("subject: one", true), ("ONE", true), ("one from", false), ("first", false)] {
            #expect(SearchText.holds(Needle(text), in: message.header) == isThere, "\(text)")
        }
        for (text, isThere) in [("first line", true), ("line\r\nand", true), ("two", false), ("", true)] {
            #expect(SearchText.bodyHolds(Needle(text), in: message) == isThere, "\(text)")
        }
    }

    @Test("folding is that of Unicode's properties for every character")
    func folding() {
        var differing: [UInt32] = []
        for value in UInt32(0x80)...0x1f000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            if CaseFolding.folded(value) != CaseFolding.folding(scalar).value { differing.append(value) }
        }
        #expect(differing.isEmpty)
    }

    @Test("folding of US-ASCII, of other characters between it, and of what is no UTF-8")
    func foldingOfText() {
        #expect(CaseFolding.folded("AbZ@[`{09") == Array("abz@[`{09".utf8))
        #expect(CaseFolding.folded("AÄΩЖ\u{212a}ß日本𐐀 Z") == Array("aäωжkß日本𐐨 z".utf8))
        var output: [UInt8] = []
        ([0x41, 0xff, 0xe2, 0x41] as [UInt8]).withUnsafeBytes { CaseFolding.append($0, to: &output) }
        #expect(output.first == 0x61 && output.count == 4)
    }
}
