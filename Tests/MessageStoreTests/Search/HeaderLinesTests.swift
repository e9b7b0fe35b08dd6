import MIME
import NIOCore
import Testing

@testable import MessageStore

@Suite("Kept header lines")
struct HeaderLinesTests {
    private static let pieces = [
        "From: a\r\n", "from : b =?utf-8?Q?=C3=A9?=\r\n", "FROM:\r\n", "To: x\r\n y\r\n",
        "From: long\r\n\tfolded\r\n \r\n",
        "Fromage: c\r\n", "Subject: é\u{0}z\r\n", "Cc: d\n", "From: e\r", " lost\r\n", "From", "from:f", "\r\n",
    ]

    @Test("1,000 headers at random: the same as with a parsed header (seed printed where it differs)")
    func sameAsParsed() {
        for seed in 0..<1_000 {
            var random = SeededRandom(seed)
            let text = (0..<random.below(6)).map { _ in Self.pieces[random.below(Self.pieces.count)] }.joined()
            let header = Header(parsing: ByteBuffer(string: text))
            for name in ["from", "to", "subject", "cc", "x"] {
                for needle in ["", "a", "é", "folded", "z", "e", "y"].map({ Needle($0) }) {
                    var value: [UInt8] = []
                    let found = Array(text.utf8).withUnsafeBytes { lines in
                        HeaderLines.contain(Array(name.utf8), in: lines) {
                            value.removeAll()
                            HeaderValue.append($0, to: &value)
                            return needle.isIn(value)
                        }
                    }
                    #expect(
                        found == header.holds(needle, inFieldsNamed: name), "seed \(seed): \(text.debugDescription)")
                }
            }
        }
    }
}
