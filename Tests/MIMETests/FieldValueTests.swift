import MIME
import NIOCore
import Testing

@Suite struct FieldValueTests {
    static let types: [(String, String?)] = [
        ("text/plain; charset=utf-8", "text/plain charset=utf-8"),
        ("TEXT/Html;CHARSET=\"ISO-8859-1\" ; x = y", "text/html charset=ISO-8859-1 x=y"),
        ("text/plain charset=utf-8", "text/plain charset=utf-8"),
        ("text/plain; charset=utf-8 format=flowed", "text/plain charset=utf-8 format=flowed"),
        ("application/pdf; name=My File.pdf", "application/pdf name=My File.pdf"),
        ("application/pdf; name=\"a;b\\\"c\"; x=1", "application/pdf name=a;b\"c x=1"),
        ("multipart/mixed; boundary=----=_Part_1/2:3", "multipart/mixed boundary=----=_Part_1/2:3"),
        ("text/plain;;; charset=x;", "text/plain charset=x"),
        ("text/plain; charset", "text/plain"),
        ("text/plain; charset=", "text/plain charset="),
        ("text/plain; =x; a=b", "text/plain a=b"),
        ("text/plain; a=\"unclosed", "text/plain a=unclosed"),
        ("text/plain; a=\"x\r\n y\"", "text/plain a=x y"),
        ("text", nil), ("text/", nil), ("/plain", nil), ("", nil), ("(c", nil), ("\"text/plain\"", nil),
    ]

    @Test("RFC 2045 §5.1: Content-Type, and what senders make of it", arguments: types)
    func readsType(_ input: String, _ expected: String?) {
        let type = ContentType(parsing: ByteBuffer(string: input))
        let text = type.map { type in
            (["\(type.type)/\(type.subtype)"]
                + type.parameters.raw.map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" })
                .joined(separator: " ")
        }
        #expect(text == expected)
    }

    static let names: [(String, String?)] = [
        ("attachment; filename=a.txt", "a.txt"),
        ("attachment; filename*=utf-8''%e2%82%ac%20rates", "€ rates"),
        ("attachment; filename*=iso-8859-1'en'%A3%20rates", "£ rates"),
        ("attachment; filename=plain; filename*=utf-8''b%C3%A4d", "bäd"),
        ("attachment; filename*0=\"a\"; filename*1=\"b\"; filename*2=c", "abc"),
        ("attachment; filename*1=b; filename*0=a", "ab"),
        ("attachment; filename*0*=utf-8''%E2%82; filename*1*=%AC; filename*2=%41", "€%41"),
        ("attachment; filename*0=a; filename*2=c", "a"),
        ("attachment; filename*1=b", nil),
        ("attachment; filename*1=b; filename=x", "x"),
        ("attachment; filename*=no-quotes", "no-quotes"),
        ("attachment; filename*=utf-8''100%", "100%"),
        ("attachment; filename=\"=?utf-8?Q?caf=C3=A9?=.txt\"", "café.txt"),
        ("attachment; filename*0=\"=?utf-8?Q?caf\"; filename*1=\"=C3=A9?=\"", "café"),
        ("attachment; filename=\"\u{fc}.txt\"", "ü.txt"),
        ("attachment", nil),
        ("attachment; filename=\"\"", ""),
    ]

    @Test("RFC 2231 §3, §4: names that are split, in charsets, or encoded as they must not be", arguments: names)
    func readsName(_ input: String, _ expected: String?) {
        #expect(Disposition(parsing: ByteBuffer(string: input))?.parameters["filename"] == expected)
    }

    @Test("200 parameters are read, the next is not")
    func boundsParameters() {
        let value = (0..<201).map { "; p\($0)=x" }.joined()
        #expect(ContentType(parsing: ByteBuffer(string: "a/b" + value))?.parameters.raw.count == 200)
    }

    @Test(
        "RFC 2183 §2.8: an unknown disposition is an attachment",
        arguments: [
            ("inline", false), ("INLINE; filename=x", false), ("attachment", true), ("form-data", true),
        ])
    func tellsAttachment(_ input: String, _ expected: Bool) {
        #expect(Disposition(parsing: ByteBuffer(string: input))?.isAttachment == expected)
    }

    @Test(
        "RFC 2045 §6.1: transfer encodings",
        arguments: [
            ("7bit", TransferEncoding.sevenBit), ("8BIT", .eightBit), (" Base64 (c)", .base64),
            ("quoted-printable;", .quotedPrintable), ("binary", .binary), ("x-uuencode", .other("x-uuencode")),
        ])
    func readsEncoding(_ input: String, _ expected: TransferEncoding) {
        #expect(TransferEncoding(parsing: ByteBuffer(string: input)) == expected)
    }

    @Test("The fields of a part")
    func readsPart() throws {
        let part = try #require(message(Samples.attachment).part([2]))
        #expect(part.contentID?.text == "<1@x>" && part.contentDescription?.text == "A file")
        #expect(
            part.contentMD5?.text == "Q2hlY2sgSW50ZWdyaXR5IQ==" && part.contentLocation?.text == "http://example.org/x")
        #expect(part.fileName == "Rechnüng.pdf" && part.isAttachment)
        #expect(part.decodedBody().text == "Hello, World!")
        #expect(message(Samples.attachment).part([1])?.contentLanguages == ["de", "en"])
        #expect(message(Samples.attachment).attachments.compactMap(\.fileName) == ["Rechnüng.pdf"])
    }
}
