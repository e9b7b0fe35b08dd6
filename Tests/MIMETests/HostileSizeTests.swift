import MIME
import NIOCore
import Testing

@Suite struct HostileSizeTests {
    static let pieces = [
        "--b\r\n", "--", "\r\n", "\n", "a", "a:\r\n", "a: b\r\n c\r\n",
        "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
        "Content-Type: message/rfc822\r\n\r\n", "--b\r\nContent-Type: message/rfc822\r\n\r\n", "\u{0}", "--b--\r\n",
    ]

    @Test("Half a MiB of the same is described in linear time, with ranges that agree", arguments: pieces)
    func staysLinear(_ piece: String) {
        for head in ["", "Content-Type: multipart/mixed; boundary=b\r\n\r\n"] {
            let octets = ByteBuffer(string: head + String(repeating: piece, count: 524_288 / piece.utf8.count))
            var parsed: Message?
            #expect(ContinuousClock().measure { parsed = Message(parsing: octets) } < .seconds(10))
            #expect(parsed?.root.range == 0..<octets.readableBytes)
            var parts = 0
            parsed?.forEachPart { _ in
                parts += 1
                return true
            }
            #expect(parts <= 10_000)
        }
    }
}
