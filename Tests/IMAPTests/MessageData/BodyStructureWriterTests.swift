import IMAP
import MIME
import NIOCore
import Testing

@Suite struct BodyStructureWriterTests {
    struct Case: Sendable {
        var title: String
        var input: String
        var body: String
        /// BODYSTRUCTURE
        var extended: String
    }

    static let cases = [
        Case(
            title: "plain text by default", input: "A: b\n\nOne\nTwo\n",
            body: #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 2)"#,
            extended: #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 2 NIL NIL NIL NIL)"#),
        Case(
            title: "no parameters", input: "Content-Type: text/html\nContent-Transfer-Encoding: X-Odd\n\n",
            body: #"("text" "html" NIL NIL NIL "x-odd" 0 0)"#,
            extended: #"("text" "html" NIL NIL NIL "x-odd" 0 0 NIL NIL NIL NIL)"#),
        Case(
            title: "all fields of a part",
            input: """
                Content-Type: application/pdf; name="a\\"b"; x*0=y
                Content-Transfer-Encoding: base64
                Content-ID: <1@x>
                Content-Description: A
                  file
                Content-MD5: Q2h=
                Content-Disposition: Attachment; filename=a.pdf; size=3
                Content-Language: de, en
                Content-Location: a/b

                AAAA
                """,
            body: #"("application" "pdf" ("name" "a\"b" "x*0" "y") "<1@x>" "A  file" "base64" 4)"#,
            extended: #"("application" "pdf" ("name" "a\"b" "x*0" "y") "<1@x>" "A  file" "base64" 4 "Q2h=" "#
                + #"("attachment" ("filename" "a.pdf" "size" "3")) ("de" "en") "a/b")"#),
        Case(
            title: "multipart",
            input: "Content-Type: multipart/mixed; boundary=b\nContent-Disposition: inline\nContent-Language: fr\n\n"
                + "--b\n\none\n--b\nContent-Type: image/gif\n\nx\n--b--\n",
            body: #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 0)("image" "gif" NIL NIL NIL "7bit" 1) "#
                + #""mixed")"#,
            extended: #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 0 NIL NIL NIL NIL)"#
                + #"("image" "gif" NIL NIL NIL "7bit" 1 NIL NIL NIL NIL) "mixed" ("boundary" "b") ("inline" NIL) "fr" NIL)"#
        ),
        Case(
            title: "message in a message",
            input: "Content-Type: message/rfc822\n\nSubject: in\nTo: a@x\n\nbody\n",
            body:
                #"("message" "rfc822" NIL NIL NIL "7bit" 30 (NIL "in" NIL NIL NIL ((NIL NIL "a" "x")) NIL NIL NIL NIL) "#
                + #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 1) 4)"#,
            extended:
                #"("message" "rfc822" NIL NIL NIL "7bit" 30 (NIL "in" NIL NIL NIL ((NIL NIL "a" "x")) NIL NIL NIL "#
                + #"NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 1 NIL NIL NIL NIL) 4 NIL NIL NIL NIL)"#
        ),
        Case(
            title: "a multipart without parts is text, since the grammar knows none",
            input: "Content-Type: multipart/mixed; boundary=b\n\n--b--\n",
            body: #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1)"#,
            extended: #"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1 NIL NIL NIL NIL)"#),
    ]

    @Test("RFC 9051 §7.5.2: BODY and BODYSTRUCTURE", arguments: cases)
    func writes(_ c: Case) {
        let message = MIME.Message(parsing: Self.crlf(c.input))
        #expect(Self.written(message, isExtended: false) == c.body, "\(c.title)")
        #expect(Self.written(message, isExtended: true) == c.extended, "\(c.title)")
    }

    @Test("The structure of 10,000 parts, and of 100 levels, is written")
    func writesLargest() {
        let wide = "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\n", count: 10_000)
        let output = Self.written(MIME.Message(parsing: Self.crlf(wide)), isExtended: true)
        #expect(output.utf8.count { $0 == UInt8(ascii: "(") } == 2 * 9_999 + 2)
        let deep = String(repeating: "Content-Type: message/rfc822\n\n", count: 200)
        let nested = Self.written(MIME.Message(parsing: Self.crlf(deep)), isExtended: true)
        #expect(nested.utf8.count { $0 == UInt8(ascii: "(") } == nested.utf8.count { $0 == UInt8(ascii: ")") })
    }

    @Test("A client's section is the message's")
    func convertsSections() {
        let path = MIME.SectionPath(SectionSpec(path: [1, 4_294_967_295], text: .headerFieldsNot(["a"])))
        #expect(path == MIME.SectionPath(parts: [1, 4_294_967_295], text: .headerFieldsNot(["a"])))
        #expect(MIME.SectionPath(SectionSpec()) == .whole)
    }

    private static func written(_ message: MIME.Message, isExtended: Bool) -> String {
        var output = ByteBuffer()
        BodyStructureWriter.write(message, isExtended: isExtended, into: &output)
        return String(buffer: output)
    }

    private static func crlf(_ text: String) -> ByteBuffer { ByteBuffer(string: text.replacing("\n", with: "\r\n")) }
}
