import MIME
import NIOCore
import Testing

@Suite struct RobustnessTests {
    @Test("Mutated messages trap nothing, and what is said of them agrees", arguments: 0..<8)
    func survives(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        for round in 0..<150 {
            let sample = Samples.all[Int(random.next() % UInt64(Samples.all.count))]
            var octets = Array((random.next() % 2 == 0 ? crlf(sample) : ByteBuffer(string: sample)).readableBytesView)
            for _ in 0...(round % 12) { Self.mutate(&octets, &random) }
            let limits =
                round % 5 == 0
                ? ParseLimits(depthMax: 3, partsMax: 4, headerOctetsMax: 100, headerFieldsMax: 3) : .default
            let message = Message(parsing: ByteBuffer(bytes: octets), limits: limits)
            Invariants.check(message)
            Self.readAll(message)
        }
    }

    /// Calls everything that reads what a stranger wrote.
    private static func readAll(_ message: Message) {
        _ = message.preview()
        message.forEachPart { part in
            _ = (part.contentID, part.contentDescription, part.contentMD5, part.contentLocation, part.fileName)
            _ = (part.contentLanguages, part.disposition, part.charset, part.decodedBody())
            if let text = part.text() { _ = (HTML.text(of: text), HTML.facts(of: text), Links.hosts(in: text)) }
            let header = part.header
            _ = (header.date, header.messageID, header.messageIDs("References"), header.subject)
            for field in header.fields {
                let value = header.value(of: field)
                _ = AddressList(parsing: value).mailboxes.map { ($0.name, $0.address) }
                _ = (DateTime(parsing: value), ContentType(parsing: value), Disposition(parsing: value))
                _ = BaseSubject(of: EncodedWords.decode(header.unfolded(field)))
            }
            _ = (header.lines(named: ["From"]), header.lines(notNamed: ["From"]))
            return true
        }
    }

    private static let spices: [[UInt8]] = [
        "\r\n", "\n", "\r", "\r\n\r\n", "--", "--o", "--=_b--", ":", ";", "\"", "(", ")", "<", ">", "@", ",", "=?",
        "?=", "\\",
        "\u{0}", "%", "*0*=", "Content-Type: message/rfc822\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=o\r\n\r\n",
        "boundary=", "'", "&#", "<!--", "=", "ä",
    ].map { Array($0.utf8) }

    private static func mutate(_ octets: inout [UInt8], _ random: inout SplitMix) {
        guard !octets.isEmpty else { return }
        let position = Int(random.next() % UInt64(octets.count))
        let length = Int(random.next() % 40)
        let end = min(octets.count, position + length)
        switch random.next() % 6 {
        case 0: octets[position] = UInt8(truncatingIfNeeded: random.next())
        case 1: octets.removeSubrange(position..<end)
        case 2: octets.insert(contentsOf: spices[Int(random.next() % UInt64(spices.count))], at: position)
        case 3: octets.insert(contentsOf: Array(octets[position..<end]), at: Int(random.next() % UInt64(octets.count)))
        case 4: octets.removeSubrange(position...)
        default: octets.replaceSubrange(position..<end, with: spices[Int(random.next() % UInt64(spices.count))])
        }
    }
}

/// A generator whose numbers are the same each time.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
