import MIME
import NIOCore

/// A text to be found anywhere in others, without regard to case (RFC 3501 §6.4.4).
struct Needle: Sendable {
    /// Folded, UTF-8.
    let octets: [UInt8]
    /// How far the last octet of a place that does not match lets us go on (Horspool).
    private let shifts: [Int]

    init(_ text: String) {
        octets = CaseFolding.folded(text)
        var shifts = [Int](repeating: max(1, octets.count), count: 256)
        for (index, octet) in octets.dropLast().enumerated() { shifts[Int(octet)] = octets.count - 1 - index }
        self.shifts = shifts
    }

    var isEmpty: Bool { octets.isEmpty }

    /// - Parameter folded: UTF-8 as `CaseFolding` makes it.
    func isIn(_ folded: [UInt8]) -> Bool {
        guard let last = octets.last else { return true }
        let length = octets.count
        return folded.withUnsafeBufferPointer { hay in
            octets.withUnsafeBufferPointer { needle in
                shifts.withUnsafeBufferPointer { shifts in
                    var end = length - 1
                    while end < hay.count {
                        let octet = hay[end]
                        if octet == last {
                            let start = end - length + 1
                            var index = 0
                            while index < length - 1, hay[start + index] == needle[index] { index += 1 }
                            if index == length - 1 { return true }
                        }
                        end += shifts[Int(octet)]
                    }
                    return false
                }
            }
        }
    }

    func isIn(_ text: String) -> Bool { octets.isEmpty || isIn(CaseFolding.folded(text)) }

    /// - Parameter value: of a header field, unfolded; its encoded words are decoded (RFC 2047).
    func isIn(field value: ByteBuffer) -> Bool {
        let view = value.readableBytesView
        let isPlain = view.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "=") }
        return isPlain ? isIn(view.map(CaseFolding.lowered)) : isIn(EncodedWords.decode(value))
    }
}

/// Unicode's simple case folding, near enough: the lower case of the upper case, where both are one character.
enum CaseFolding {
    static func folded(_ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { octets in
            if octets.allSatisfy({ $0 < 0x80 }) { return octets.map(lowered) }
            var result: [UInt8] = []
            result.reserveCapacity(octets.count)
            for scalar in String(decoding: octets, as: UTF8.self).unicodeScalars {
                if scalar.isASCII {
                    result.append(lowered(UInt8(truncatingIfNeeded: scalar.value)))
                } else {
                    result.append(contentsOf: UTF8.encode(folded(scalar)) ?? UTF8.encodedReplacementCharacter)
                }
            }
            return result
        }
    }

    static func lowered(_ octet: UInt8) -> UInt8 { octet &- 0x41 < 26 ? octet | 0x20 : octet }

    private static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        scalar.value < 0x600 ? table[Int(scalar.value)] : folding(scalar)
    }

    /// Latin, Greek, Cyrillic and Armenian.
    private static let table: [Unicode.Scalar] = (0..<0x600).map { Unicode.Scalar($0).map { folding($0) } ?? " " }

    private static func folding(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let upper = only(scalar.properties.uppercaseMapping) ?? scalar
        return only(upper.properties.lowercaseMapping) ?? upper
    }

    private static func only(_ text: String) -> Unicode.Scalar? {
        let scalars = text.unicodeScalars
        return scalars.count == 1 ? scalars.first : nil
    }
}
