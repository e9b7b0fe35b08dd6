import NIOCore
import Testing

@testable import SMTP

/// Numbers that look random and are the same in every run (SplitMix64).
struct Numbers: RandomNumberGenerator {
    var seed: UInt64
    mutating func next() -> UInt64 {
        seed &+= 0x9e37_79b9_7f4a_7c15
        var z = seed
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

@Suite("The octets behind DATA")
struct DataStreamTests {
    /// RFC 5321 §4.5.2 and the rule about bare CR and LF, an octet at a time, with the whole before it in sight.
    static func decodedSlowly(_ octets: [UInt8]) -> (message: [UInt8], consumed: Int)? {
        var message: [UInt8] = []
        var place = 0
        var isLineStart = true
        func at(_ index: Int) -> UInt8? { index < octets.count ? octets[index] : nil }
        while let octet = at(place) {
            if isLineStart, octet == 0x2e {
                if at(place + 1) == 0x0d, at(place + 2) == 0x0a { return (message, place + 3) }
                place += 1
                isLineStart = false
                continue
            }
            isLineStart = false
            if octet == 0x0d, at(place + 1) == 0x0a {
                message += [0x0d, 0x0a]
                place += 2
                isLineStart = true
            } else {
                message += octet == 0x0a ? [0x0d, 0x0a] : [octet == 0x0d ? 0x20 : octet]
                place += 1
            }
        }
        return nil
    }

    static func decoded(_ octets: [UInt8], chunkOctets: Int) -> (message: [UInt8], consumed: Int)? {
        var decoder = DataDecoder()
        var message: [UInt8] = []
        var consumed = 0
        for chunk in chunks(octets, of: chunkOctets) {
            var chunk = chunk
            let before = chunk.readableBytes
            let isEnded = decoder.decode(&chunk) { message += $0 }
            consumed += before - chunk.readableBytes
            if isEnded { return (message, consumed) }
            #expect(chunk.readableBytes == 0)
        }
        return nil
    }

    @Test(
        "RFC 5321 §4.1.1.4: any octets, cut anyhow, are read as the slow reader reads them",
        arguments: 0..<20 as Range<UInt64>)
    func agreesWithTheSlowReader(_ seed: UInt64) {
        var numbers = Numbers(seed: seed)
        let alphabet: [UInt8] = [0x0d, 0x0a, 0x2e, 0x61, 0x0d, 0x0a]
        for _ in 0..<50 {
            var octets = (0..<Int.random(in: 0...30, using: &numbers)).map { _ in
                alphabet.randomElement(using: &numbers) ?? 0
            }
            octets += Array("\r\n.\r\nQUIT\r\n".utf8)
            let expected = Self.decodedSlowly(octets)
            for size in [1, 2, 3, 7, Int.max] {
                let result = Self.decoded(octets, chunkOctets: size)
                #expect(result?.message == expected?.message, "\(Script.escaped(octets)) by \(size)")
                #expect(result?.consumed == expected?.consumed, "\(Script.escaped(octets)) by \(size)")
            }
        }
    }

    @Test(
        "no CR or LF stands alone in what was decoded or stuffed, and stuffing is undone by decoding",
        arguments: 20..<40 as Range<UInt64>)
    func stuffingRoundTrip(_ seed: UInt64) {
        var numbers = Numbers(seed: seed)
        let alphabet: [UInt8] = [0x0d, 0x0a, 0x2e, 0x61, 0x2e]
        for _ in 0..<50 {
            let octets = (0..<Int.random(in: 0...30, using: &numbers)).map { _ in
                alphabet.randomElement(using: &numbers) ?? 0
            }
            var whole: [UInt8]?
            for size in [1, 3, Int.max] {
                var stuffer = DotStuffer()
                var output = ByteBuffer()
                for chunk in chunks(octets, of: size) { stuffer.write(chunk, into: &output) }
                stuffer.finish(into: &output)
                let wire = Array(output.readableBytesView)
                if whole == nil { whole = wire }
                #expect(wire == whole, "\(Script.escaped(octets)) by \(size)")
                var decoder = DataDecoder()
                var message: [UInt8] = []
                #expect(decoder.decode(&output) { message += $0 })
                #expect(output.readableBytes == 0, "one end of data only: \(Script.escaped(wire))")
                #expect(!decoder.sawBareLineEnd)
                #expect(message == Self.normalized(octets), "\(Script.escaped(octets))")
            }
        }
    }

    /// Every line ended by CR LF, the last too.
    static func normalized(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for (index, octet) in octets.enumerated() {
            switch octet {
            case 0x0a: result += [0x0d, 0x0a]
            case 0x0d: if index + 1 == octets.count || octets[index + 1] != 0x0a { result.append(0x20) }
            default: result.append(octet)
            }
        }
        if !result.isEmpty, !result.suffix(2).elementsEqual([0x0d, 0x0a]) { result += [0x0d, 0x0a] }
        return result
    }

    @Test("lines of any length are taken, and many bare CRs cost no more than others")
    func longLines() {
        var octets = [UInt8](repeating: 0x61, count: 200_000)
        octets += [UInt8](repeating: 0x0d, count: 20_000)
        octets += Array("\r\n.\r\n".utf8)
        let result = Self.decoded(octets, chunkOctets: 65_536)
        #expect(result?.message.count == 220_002)
    }
}
