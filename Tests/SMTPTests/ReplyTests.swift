import NIOCore
import Testing

@testable import SMTP

@Suite("Replies")
struct ReplyTests {
    struct Case: Sendable {
        var reply: Reply
        var text: String
    }

    static let written = [
        Case(reply: Reply(250, "2.0.0", "Ok"), text: "250 2.0.0 Ok\r\n"),
        Case(reply: Reply(354, nil, "Go"), text: "354 Go\r\n"),
        Case(reply: Reply(250, nil, ""), text: "250\r\n"),
        Case(reply: Reply(550, "5.1.1", lines: ["a", "b", ""]), text: "550-5.1.1 a\r\n550-5.1.1 b\r\n550 5.1.1\r\n"),
        Case(reply: Reply(550, "5.0.0", "a\r\n250 b\u{7f}ü"), text: "550 5.0.0 a??250 b???\r\n"),
        Case(reply: Reply(250, nil, lines: []), text: "250\r\n"),
    ]

    @Test("RFC 5321 §4.2, RFC 2034 §4: codes on each line, and no text ends one", arguments: written)
    func writes(_ c: Case) {
        var output = ByteBuffer()
        c.reply.write(into: &output)
        #expect(String(buffer: output) == c.text)
    }

    @Test("RFC 5321 §4.5.3.1.5: no line is longer than 512 octets", arguments: [488, 489, 5_000])
    func lineLength(_ count: Int) {
        var output = ByteBuffer()
        Reply(550, "5.123.123", String(repeating: "x", count: count)).write(into: &output)
        #expect(output.readableBytes == 488 + 16)
    }

    struct ReadCase: Sendable {
        var text: String
        var reply: Reply?
        init(_ text: String, _ reply: Reply?) { (self.text, self.reply) = (text, reply) }
    }

    static let read = [
        ReadCase("250 Ok\r\n", Reply(250, nil, "Ok")),
        ReadCase("250\r\n", Reply(250, nil, "")),
        ReadCase("250 \r\n", Reply(250, nil, "")),
        ReadCase("250 Ok\n", Reply(250, nil, "Ok")),
        ReadCase("250 2.1.0 Ok\r\n", Reply(250, "2.1.0", "Ok")),
        ReadCase("250 2.1.0\r\n", Reply(250, "2.1.0", "")),
        ReadCase("550 2.1.0 No\r\n", Reply(550, nil, "2.1.0 No")),
        ReadCase("550 5.1 No\r\n", Reply(550, nil, "5.1 No")),
        ReadCase("550 5.1234.1 No\r\n", Reply(550, nil, "5.1234.1 No")),
        ReadCase("550 5.7.509 No\r\n", Reply(550, "5.7.509", "No")),
        ReadCase("550-5.1.1 a\r\n550-5.1.1 b\r\n550 c\r\n", Reply(550, "5.1.1", lines: ["a", "b", "c"])),
        ReadCase("250 \u{1}ü\r\n", Reply(250, nil, "???")),
        ReadCase("299 x\r\n", Reply(299, nil, "x")),
        ReadCase("199 x\r\n", nil),
        ReadCase("600 x\r\n", nil),
        ReadCase("25 x\r\n", nil),
        ReadCase("\r\n", nil),
        ReadCase("250x\r\n", nil),
        ReadCase("2500 x\r\n", nil),
        ReadCase("250-a\r\n251 b\r\n", nil),
        ReadCase("250-a\r\nb\r\n", nil),
        ReadCase("SSH-2.0-x\r\n", nil),
    ]

    @Test("RFC 5321 §4.2: replies of others", arguments: read)
    func reads(_ c: ReadCase) {
        var reader = ReplyReader()
        var input = ByteBuffer(string: c.text)
        let reply = try? reader.read(&input)
        #expect(reply == c.reply, "\(c.text)")
    }

    @Test("a line of 4,096 octets is read and one more is not; as many lines as are borne, and one more")
    func bounds() throws {
        func line(_ count: Int) -> ByteBuffer {
            ByteBuffer(string: "250 " + String(repeating: "x", count: count - 6) + "\r\n")
        }
        var input = line(4_096)
        var reader = ReplyReader()
        #expect(try reader.read(&input)?.code == 250)
        input = line(4_097)
        #expect(throws: ReplyReader.Failure.tooLong) { try reader.read(&input) }
        input = ByteBuffer(string: String(repeating: "250-x\r\n", count: 99) + "250 x\r\n")
        reader = ReplyReader()
        #expect(try reader.read(&input)?.lines.count == 100)
        input = ByteBuffer(string: String(repeating: "250-x\r\n", count: 100) + "250 x\r\n")
        #expect(throws: ReplyReader.Failure.tooLong) { try reader.read(&input) }
    }

    @Test("RFC 5321 §4.1.1.1: what EHLO's reply announces")
    func extensions() {
        let reply = Reply(
            250, nil, lines: ["mx greets", "size 35882577", "AUTH PLAIN login", "AUTH=LOGIN", "8bitMime", "X-FOO", ""])
        let extensions = Extensions(ehloReply: reply)
        #expect(extensions.sizeOctetsMax == 35_882_577 && extensions.hasSIZE && extensions.has8BITMIME)
        #expect(extensions.authMechanisms == ["PLAIN", "LOGIN", "LOGIN"])
        #expect(!extensions.hasPIPELINING && !extensions.hasSTARTTLS)
        #expect(Extensions(ehloReply: Reply(250, nil, lines: ["mx", "SIZE 0"])).sizeOctetsMax == nil)
        #expect(
            Extensions(ehloReply: Reply(250, nil, lines: ["mx", "SIZE 99999999999999999999"])).sizeOctetsMax == nil)
    }
}
