import MIME
import NIOCore
import Testing

@Suite struct DecodingTests {
    static let base64: [(String, String)] = [
        ("SGVsbG8=", "Hello"), ("SGVs\r\nbG8=\r\n", "Hello"), ("SGVsbG8", "Hello"), ("SGVs bG8 =", "Hello"),
        ("S-G_V!s*bG8=", "Hello"), ("SGU=SGU=", "HeHe"), ("====", ""), ("S", ""), ("SG", "H"), ("", ""),
        ("SGVsbG8=\r\n-- \r\n", "Hello"),
    ]

    @Test("RFC 2045 §6.8: base64; what is not of it is passed over", arguments: base64)
    func decodesBase64(_ input: String, _ expected: String) {
        #expect(String(buffer: Base64.decode(ByteBuffer(string: input))) == expected)
        #expect(inPieces(input, .base64) == Array(expected.utf8))
    }

    static let quotedPrintable: [(String, String)] = [
        ("caf=C3=A9", "café"), ("caf=c3=a9", "café"), ("a=\r\nb", "ab"), ("a=\nb", "ab"), ("a= \t\r\nb", "ab"),
        ("a  \r\nb\t\n", "a\r\nb\n"), ("a b  c", "a b  c"), ("a=XYb", "a=XYb"), ("a=3", "a=3"), ("a=", "a="),
        ("a==3D", "a=="), ("a=3=3D", "a=3="), ("=\r\n", ""), ("=", "="), ("", ""), ("tail  ", "tail"),
        ("=3D=\r\n=3D", "=="), ("a\rb", "a\rb"), ("= x", "= x"), ("=\rx", "x"),
    ]

    @Test("RFC 2045 §6.7: quoted-printable; what is no escape stays", arguments: quotedPrintable)
    func decodesQuotedPrintable(_ input: String, _ expected: String) {
        #expect(String(buffer: QuotedPrintable.decode(ByteBuffer(string: input))) == expected)
        #expect(inPieces(input, .quotedPrintable) == Array(expected.utf8))
    }

    private func inPieces(_ input: String, _ encoding: TransferEncoding) -> [UInt8] {
        var decoder = TransferDecoder(encoding)
        var output = ByteBuffer()
        for octet in input.utf8 { decoder.decode(ByteBuffer(bytes: [octet]), into: &output) }
        decoder.finish(into: &output)
        return Array(output.readableBytesView)
    }

    @Test("What was encoded decodes to the same, in lines of 76 octets at most")
    func encodes() {
        var octets: [UInt8] = []
        for index in 0..<700 {
            octets.append(UInt8(truncatingIfNeeded: index &* 7))
            let buffer = ByteBuffer(bytes: octets)
            let encoded = Base64.encode(buffer)
            #expect(Base64.decode(encoded) == buffer)
            #expect(encoded.text.split(separator: "\n").allSatisfy { $0.utf8.count <= 76 })
        }
        for text in [
            "", "a", "From me\r\n.\r\nx \r\n\tend\t", "größe = 1\r\n" + String(repeating: "long ", count: 100),
        ] {
            let encoded = QuotedPrintable.encode(ByteBuffer(string: text))
            #expect(String(buffer: QuotedPrintable.decode(encoded)) == text)
            #expect(encoded.text.split(separator: "\n").allSatisfy { $0.utf8.count <= 76 && $0 != "." })
        }
    }

    @Test(
        "A decoded body stops near its bound",
        arguments: [
            TransferEncoding.base64, .quotedPrintable, .eightBit, .other("x"),
        ])
    func boundsDecoding(_ encoding: TransferEncoding) {
        let octets = ByteBuffer(repeating: UInt8(ascii: "A"), count: 100_000)
        #expect(encoding.decode(octets, octetsMax: 0).readableBytes == 0)
        let some = encoding.decode(octets, octetsMax: 1000).readableBytes
        #expect(some >= 1000 && some <= 4000)
        #expect(encoding.decode(octets).readableBytes >= 75_000)
    }

    static let words: [(String, String)] = [
        ("=?utf-8?Q?caf=C3=A9?=", "café"),
        ("=?UTF-8?b?Y2Fmw6k=?= au lait", "café au lait"),
        ("=?iso-8859-1?q?caf=E9_noir?=", "café noir"),
        ("=?iso-8859-1*fr?Q?=E9?=", "é"),
        ("a =?us-ascii?Q?b?= c", "a b c"),
        ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),  // RFC 2047 §8
        ("=?utf-8?Q?a?=\r\n =?iso-8859-1?Q?=E4?=", "aä"),
        ("=?utf-8?Q?a_?= =?utf-8?Q?b?=", "a b"),
        ("=?utf-8?Q?=E2=82?= =?utf-8?Q?=AC?=", "€"),  // A character split over two words.
        ("=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "€"),
        ("=?utf-8?Q?a?=b", "ab"),
        ("=?utf-8?Q?a b?=", "a b"),
        ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
        ("=?utf-8?Q?a", "=?utf-8?Q?a"),
        ("=?utf-8?Q?a?", "=?utf-8?Q?a?"),
        ("=??Q?a?=", "=??Q?a?="),
        ("=?utf-8?Q??=", ""),
        ("=?x-unknown?Q?=E4?=", "ä"),
        ("=?utf-8?Q?=ZZ?=", "=ZZ"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?koi8-r?Q?=F0=D2=C9=D7=C5=D4?=", "Привет"),
        ("1 = 2 =? 3", "1 = 2 =? 3"),
        ("ä", "ä"), ("", ""),
    ]

    @Test("RFC 2047: encoded words; bad ones stay as they stand", arguments: words)
    func decodesWords(_ input: String, _ expected: String) {
        #expect(EncodedWords.decode(ByteBuffer(string: input)) == expected)
    }

    @Test("Octets above 127 in a header are UTF-8, or else ISO-8859-1")
    func guesses() {
        #expect(EncodedWords.decode([0x67, 0xfc]) == "gü")
        #expect(EncodedWords.decode([0xfc, 0x20] + Array("=?utf-8?Q?a?=".utf8)) == "ü a")
    }

    static let charsets: [([UInt8], String?, String)] = [
        ([0x61, 0xc3, 0xa4], "UTF-8", "aä"),
        ([0x61, 0xff, 0x62], "utf-8", "a\u{fffd}b"),
        ([0xe4, 0x80], "iso-8859-1", "ä€"),
        ([0x61], "us-ascii", "a"),
        ([0xc3, 0xa4], "us-ascii", "ä"),
        ([0xe4], "us-ascii", "ä"),
        ([0xe4], nil, "ä"),
        ([0xa4], "iso-8859-15", "€"),
        ([0x80], "Windows-1252", "€"),
        ([0x93, 0xfa, 0x96, 0x7b], "shift_jis", "日本"),
        ([0xc4, 0xe3], "gb2312", "你"),
        ([0xff, 0xfe, 0x41, 0x00], "utf-16", "A"),
        ([0x41, 0x81, 0x42], "gb2312", "A\u{fffd}B"),
        ([0x41, 0xc4], "gb2312", "A\u{fffd}"),
        ([0xe4], "no-such-charset", "ä"),
        ([0xe4], "utf-8//IGNORE", "ä"),
        ([0xe4], "", "ä"),
        ([], "gb2312", ""),
    ]

    @Test(
        "Charsets by iconv; octets that mean nothing become U+FFFD, an unknown charset is guessed", arguments: charsets)
    func convertsCharsets(_ octets: [UInt8], _ name: String?, _ expected: String) {
        #expect(Charset.decode(octets, named: name) == expected)
    }

    @Test("Long texts cross the converter's buffer whole, and hostile ones cost linear time")
    func convertsLongTexts() {
        let text = String(repeating: "Größe ", count: 20_000)
        let latin = text.unicodeScalars.map { UInt8($0.value) }
        #expect(Charset.decode(latin, named: "iso-8859-15") == text)
        let bad = [UInt8](repeating: 0xff, count: 50_000)
        #expect(Charset.decode(bad, named: "gb2312").unicodeScalars.count == 50_000)
    }

    @Test(
        "RFC 9051 §6.4.4: which charsets a search may name",
        arguments: [
            ("utf-8", true), ("US-ASCII", true), ("ISO-8859-1", true), ("iso-8859-15", true), ("x-none", false),
            ("utf-8//TRANSLIT", false), ("", false), (String(repeating: "a", count: 65), false),
        ])
    func knowsCharsets(_ name: String, _ expected: Bool) {
        #expect(Charset.isKnown(name) == expected)
    }
}
