import NIOCore
import POP3
import Testing

@Suite struct LineStufferTests {
    /// A stored message and what goes over the wire behind the status line.
    struct Case: Sendable {
        var message: String
        var lines: Int?
        var expected: String

        init(_ message: String, top lines: Int? = nil, _ expected: String) {
            self.message = message
            self.lines = lines
            self.expected = expected
        }
    }

    static let cases = [
        Case("", ".\r\n"),
        Case("a", "a\r\n.\r\n"),
        Case("a\r\n", "a\r\n.\r\n"),
        Case("a\n", "a\r\n.\r\n"),
        Case("a\r", "a\r\n.\r\n"),
        Case("\r\n", "\r\n.\r\n"),
        Case("\n\n", "\r\n\r\n.\r\n"),
        Case("\r", "\r\n.\r\n"),
        Case(".", "..\r\n.\r\n"),
        Case(".\r\n", "..\r\n.\r\n"),
        Case(".\n.\n", "..\r\n..\r\n.\r\n"),
        Case("..a\r\n.b", "...a\r\n..b\r\n.\r\n"),
        Case("a.\r\nb.c\r\n", "a.\r\nb.c\r\n.\r\n"),
        // A CR alone is no line's end: the dot behind it needs no other.
        Case("a\r.b\r\n", "a\r.b\r\n.\r\n"),
        Case("a\r\r\n.b\n\r\n", "a\r\r\n..b\r\n\r\n.\r\n"),
        Case("h: 1\r\n\r\nb1\r\nb2\r\n", "h: 1\r\n\r\nb1\r\nb2\r\n.\r\n"),
        Case("h: 1\r\n\r\nb1\r\nb2\r\n", top: 0, "h: 1\r\n\r\n.\r\n"),
        Case("h: 1\r\n\r\nb1\r\nb2\r\n", top: 1, "h: 1\r\n\r\nb1\r\n.\r\n"),
        Case("h: 1\r\n\r\nb1\r\nb2\r\n", top: 2, "h: 1\r\n\r\nb1\r\nb2\r\n.\r\n"),
        Case("h: 1\r\n\r\nb1\r\nb2", top: 5, "h: 1\r\n\r\nb1\r\nb2\r\n.\r\n"),
        Case("h: 1\n\n.1\n\n2\n", top: 2, "h: 1\r\n\r\n..1\r\n\r\n.\r\n"),
        Case("h: 1\r\n", top: 3, "h: 1\r\n.\r\n"),
        Case("h: 1", top: 0, "h: 1\r\n.\r\n"),
        Case("\r\nb1\r\nb2\r\n", top: 1, "\r\nb1\r\n.\r\n"),
        Case("h\r\r\n\r\nb1\r\n", top: 0, "h\r\r\n\r\n.\r\n"),
        Case("h\r\n\r\r\nb1\r\n\r\nb2", top: 0, "h\r\n\r\r\nb1\r\n\r\n.\r\n"),
        Case("h\n\nb\n", top: -1, "h\r\n\r\n.\r\n"),
    ]

    @Test("RFC 1939 §3, §7: line ends, stuffed dots and TOP's end, with the pieces cut anywhere", arguments: cases)
    func stuffs(_ c: Case) {
        let octets = Array(c.message.utf8)
        for pieceOctets in [max(1, octets.count), 7, 3, 2, 1] {
            var stuffer = c.lines.map { LineStuffer(bodyLinesMax: $0) } ?? LineStuffer()
            var output = ByteBuffer()
            stuffer.begin(into: &output)
            for start in stride(from: 0, to: octets.count, by: pieceOctets) {
                stuffer.stuff(ByteBuffer(bytes: octets[start...].prefix(pieceOctets)), into: &output)
            }
            stuffer.finish(into: &output)
            #expect(String(buffer: output) == "+OK Message follows\r\n" + c.expected)
        }
    }

    @Test("RFC 1939 §7: TOP says when the rest of the message need not be read")
    func complete() {
        var output = ByteBuffer()
        var stuffer = LineStuffer(bodyLinesMax: 1)
        stuffer.stuff(ByteBuffer(string: "h\r\n\r\nb"), into: &output)
        #expect(!stuffer.isComplete)
        stuffer.stuff(ByteBuffer(string: "1\r\nb2\r\n"), into: &output)
        #expect(stuffer.isComplete)
        stuffer.stuff(ByteBuffer(string: "b3\r\n"), into: &output)
        #expect(String(buffer: output) == "h\r\n\r\nb1\r\n")
    }

    @Test("A line end is found wherever in eight octets it is, and octets that resemble it are none", arguments: 0..<24)
    func everyPlace(place: Int) {
        for other: UInt8 in [0x0b, 0x8a, 0x00, 0xff, 0x09] {
            var octets = [UInt8](repeating: other, count: 24)
            octets[place] = 0x0a
            var expected = octets
            expected.insert(0x0d, at: place)
            if place < 23 { expected += [0x0d, 0x0a] }
            var stuffer = LineStuffer()
            var output = ByteBuffer()
            stuffer.stuff(ByteBuffer(bytes: octets), into: &output)
            stuffer.finish(into: &output)
            #expect(Array(buffer: output) == expected + Array(".\r\n".utf8))
        }
    }
}
