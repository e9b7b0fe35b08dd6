import MIME
import NIOCore
import Testing

@testable import IMAPServer

@Suite struct FieldFilterTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        }
    }

    static func chosen(_ header: String, _ names: [String]) -> String? {
        guard let filter = FieldFilter(names) else { return nil }
        let octets = Array(header.utf8)
        return octets.withUnsafeBytes { octets in
            var places: [Range<Int>] = []
            let total = filter.find(in: octets, into: &places)
            #expect(total == places.reduce(0) { $0 + $1.count })
            return places.map { String(decoding: octets[$0], as: UTF8.self) }.joined()
        }
    }

    @Test(
        "RFC 9051 §6.4.5.1: the lines of the fields asked for, folded ones with all their lines, in any case",
        arguments: [
            ("Subject: a\r\n b\r\nFrom: x\r\n", ["SUBJECT"], "Subject: a\r\n b\r\n"),
            ("Subject: a\r\n\tb\r\nFrom: x\r\n", ["from"], "From: x\r\n"),
            ("To : y\r\nTo: z\r\n", ["to"], "To : y\r\nTo: z\r\n"),
            ("Tommy: y\r\nT: z\r\n", ["to"], ""),
            ("no field\r\nTo: y\r\n", ["to", "no field"], "To: y\r\n"),
            ("A: 1\r\n\r\nTo: y\r\n", ["to"], ""),
            ("", ["to"], ""), ("To: y", ["to"], "To: y"), ("To", ["to"], ""), (":\r\n", ["to"], ""),
        ])
    func chooses(_ header: String, _ names: [String], _ expected: String) {
        #expect(Self.chosen(header, names) == expected)
    }

    @Test("a name longer than any that is kept is not for this", arguments: [(63, true), (64, false)])
    func bound(_ length: Int, _ isTaken: Bool) {
        #expect((FieldFilter([String(repeating: "x", count: length)]) != nil) == isTaken)
    }

    @Test("it finds what the parser of headers finds, whatever the lines are", arguments: [1, 2, 3] as [UInt64])
    func agrees(_ seed: UInt64) {
        var random = Random(state: seed)
        let pieces = [
            "Subject: ", "To:", "From : x", "Cc: a\r\n b", "X-Y: 1", "\r\n", "\r\n ", "\r\n\t", "a", ":", " ", "é",
            "To",
            "subject", "=?utf-8?q?x?=", "\n",
        ]
        for _ in 0..<2_000 {
            var header = "Received: first\r\n"
            for _ in 0..<Int.random(in: 0..<12, using: &random) {
                header += pieces.randomElement(using: &random) ?? ""
            }
            header += "\r\n"
            let parsed = Header(parsing: ByteBuffer(string: header)).lines(named: ["subject", "TO", "From", "cc"])
            #expect(
                Self.chosen(header, ["subject", "TO", "From", "cc"]) == String(buffer: parsed),
                "\(header.debugDescription)")
        }
    }
}
