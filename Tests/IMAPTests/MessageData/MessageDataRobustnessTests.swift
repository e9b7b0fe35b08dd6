import IMAP
import MIME
import NIOCore
import Testing

@Suite struct MessageDataRobustnessTests {
    static let samples = [
        "From: \"A \\\"b\" <a@x>\r\nTo: G: c@y, \"d\\\\e\" <f@z>;\r\nSubject: gr\u{fc}n\r\n\r\nbody\r\n",
        "Content-Type: multipart/mixed; boundary=b; x=\"\\\"\"\r\n\r\n--b\r\nContent-Disposition: attachment; "
            + "filename*0*=utf-8''a; filename*1=\"b\"\r\nContent-Language: de, en\r\n\r\nx\r\n--b\r\n"
            + "Content-Type: message/rfc822\r\nContent-ID: <1@x>\r\n\r\nFrom: a@x\r\n\r\nin\r\n--b--\r\n",
    ]

    @Test("Of any message, ENVELOPE has ten elements and BODYSTRUCTURE the form of its grammar", arguments: samples)
    func keepsGrammar(_ sample: String) {
        var random: UInt64 = 7
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % max(1, bound)
        }
        let spices = [
            "\"", "\\", "(", ")", "\r\n", "\n", "\u{0}", "{3}\r\n", "<", ">", ":", ";", "@", "=", "\u{e4}", "--b", ",",
        ]
        for _ in 0..<300 {
            var octets = Array(sample.utf8)
            for _ in 0..<1 + next(8) {
                let at = next(octets.count)
                if next(2) == 0 {
                    octets.insert(contentsOf: Array(spices[next(spices.count)].utf8), at: at)
                } else {
                    octets.removeSubrange(at..<min(octets.count, at + 1 + next(6)))
                }
            }
            let message = MIME.Message(parsing: ByteBuffer(bytes: octets))
            var output = ByteBuffer()
            EnvelopeWriter.write(message, into: &output)
            #expect(Self.isEnvelope(Element.read(output)))
            for isExtended in [false, true] {
                output.clear()
                BodyStructureWriter.write(message, isExtended: isExtended, into: &output)
                #expect(Self.isBody(Element.read(output), isExtended: isExtended))
            }
        }
    }

    private static func isEnvelope(_ element: Element?) -> Bool {
        guard case .list(let fields) = element, fields.count == 10 else { return false }
        return fields.enumerated().allSatisfy { index, field in
            guard (2...7).contains(index) else { return field.isNString }
            guard case .list(let addresses) = field else { return field == .atom("NIL") }
            return !addresses.isEmpty
                && addresses.allSatisfy {
                    guard case .list(let parts) = $0 else { return false }
                    return parts.count == 4 && parts.allSatisfy(\.isNString)
                }
        }
    }

    private static func isBody(_ element: Element?, isExtended: Bool) -> Bool {
        guard case .list(let fields) = element, let first = fields.first else { return false }
        if case .list = first {
            let children = fields.prefix { if case .list = $0 { true } else { false } }
            let rest = fields.dropFirst(children.count)
            return children.allSatisfy { isBody($0, isExtended: isExtended) } && rest.count == (isExtended ? 5 : 1)
                && rest.first?.isString == true
        }
        let extensions = isExtended ? 4 : 0
        guard fields.count >= 7, fields[0].isString, fields[1].isString, fields[5].isString else { return false }
        switch (fields[0], fields[1]) {
        case (.string("message"), .string("rfc822")), (.string("message"), .string("global")):
            return fields.count == 10 + extensions && isEnvelope(fields[7]) && isBody(fields[8], isExtended: isExtended)
        case (.string("text"), _): return fields.count == 8 + extensions
        default: return fields.count == 7 + extensions
        }
    }
}

/// A value of IMAP's syntax, read strictly.
private enum Element: Equatable {
    case atom(String)
    case string(String)
    case list([Element])

    var isString: Bool { if case .string = self { true } else { false } }
    var isNString: Bool { isString || self == .atom("NIL") }

    /// Nil when it is not one whole value.
    static func read(_ buffer: ByteBuffer) -> Element? {
        var octets = Array(buffer.readableBytesView)[...]
        guard let element = read(&octets), octets.isEmpty else { return nil }
        return element
    }

    private static func read(_ octets: inout ArraySlice<UInt8>) -> Element? {
        switch octets.first {
        case UInt8(ascii: "("): return readList(&octets)
        case UInt8(ascii: "\""): return readQuoted(&octets)
        case UInt8(ascii: "{"): return readLiteral(&octets)
        default:
            let atom = octets.prefix { $0 > 0x20 && $0 < 0x7f && !"(){\"\\".utf8.contains($0) }
            octets = octets.dropFirst(atom.count)
            return atom.isEmpty ? nil : .atom(String(decoding: atom, as: UTF8.self))
        }
    }

    private static func readList(_ octets: inout ArraySlice<UInt8>) -> Element? {
        var elements: [Element] = []
        octets.removeFirst()
        while octets.first != UInt8(ascii: ")") {
            if octets.first == UInt8(ascii: " "), !elements.isEmpty { octets.removeFirst() }
            guard let element = read(&octets) else { return nil }
            elements.append(element)
        }
        octets.removeFirst()
        return .list(elements)
    }

    private static func readQuoted(_ octets: inout ArraySlice<UInt8>) -> Element? {
        var text: [UInt8] = []
        octets.removeFirst()
        while var octet = octets.popFirst() {
            if octet == UInt8(ascii: "\"") { return .string(String(decoding: text, as: UTF8.self)) }
            guard octet < 0x80, octet != 0, octet != 10, octet != 13 else { return nil }
            if octet == UInt8(ascii: "\\") {
                guard let quoted = octets.popFirst(), "\"\\".utf8.contains(quoted) else { return nil }
                octet = quoted
            }
            text.append(octet)
        }
        return nil
    }

    private static func readLiteral(_ octets: inout ArraySlice<UInt8>) -> Element? {
        let digits = octets.dropFirst().prefix { $0 >= 0x30 && $0 <= 0x39 }
        octets = octets.dropFirst(1 + digits.count)
        guard let count = Int(String(decoding: digits, as: UTF8.self)), octets.starts(with: Array("}\r\n".utf8)),
            octets.count >= 3 + count
        else { return nil }
        let text = octets.dropFirst(3).prefix(count)
        octets = octets.dropFirst(3 + count)
        return text.contains(0) ? nil : .string(String(decoding: text, as: UTF8.self))
    }
}
