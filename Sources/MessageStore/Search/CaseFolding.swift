/// Unicode's simple case folding, near enough: the lower case of the upper case, where both are one character.
///
/// Diacritics stay: a folded text is in another exactly when the texts are equal but for case.
public enum CaseFolding {
    public static func folded(_ text: String) -> [UInt8] {
        var text = text
        var output: [UInt8] = []
        text.withUTF8 { append(UnsafeRawBufferPointer($0), to: &output) }
        return output
    }

    /// Adds the folded text.
    ///
    /// - Parameter octets: UTF-8; octets that are none are taken over as they stand.
    static func append(_ octets: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        let start = output.count
        output.append(contentsOf: octets)
        if !lower(&output, from: start) {
            output.removeSubrange(start...)
            appendScalars(octets, to: &output)
        }
    }

    /// Adds octets that the caller knows to be text in a charset that extends US-ASCII. False, with nothing added, when
    /// there are others than US-ASCII's.
    static func appendASCII(_ octets: UnsafeRawBufferPointer, to output: inout [UInt8]) -> Bool {
        let start = output.count
        output.append(contentsOf: octets)
        if lower(&output, from: start) { return true }
        output.removeSubrange(start...)
        return false
    }

    @inline(__always)
    static func lowered(_ octet: UInt8) -> UInt8 { octet &- 0x41 < 26 ? octet | 0x20 : octet }

    /// Lowers US-ASCII in place. False when there is something else, too.
    private static func lower(_ output: inout [UInt8], from start: Int) -> Bool {
        output.withUnsafeMutableBufferPointer { buffer in
            var all: UInt8 = 0
            for index in start..<buffer.count {
                let octet = buffer[index]
                all |= octet
                buffer[index] = lowered(octet)
            }
            return all < 0x80
        }
    }

    private static func appendScalars(_ octets: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        output.reserveCapacity(output.count + octets.count)
        var index = 0
        while index < octets.count {
            let lead = octets[index]
            guard lead >= 0xc2 else {
                output.append(lowered(lead))
                index += 1
                continue
            }
            let length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
            guard index + length <= octets.count else {
                output.append(contentsOf: octets[index...])
                return
            }
            var value = UInt32(lead) & (length == 2 ? 0x1f : length == 3 ? 0x0f : 0x07)
            for position in index + 1..<index + length { value = value << 6 | UInt32(octets[position] & 0x3f) }
            let folded = folded(value)
            if folded == value {
                output.append(contentsOf: octets[index..<index + length])
            } else if let scalar = Unicode.Scalar(folded), let encoded = UTF8.encode(scalar) {
                output.append(contentsOf: encoded)
            }
            index += length
        }
    }

    /// Scripts without case are passed by, since the properties of a character cost a microsecond.
    static func folded(_ value: UInt32) -> UInt32 {
        if value < tableEnd { return UInt32(table[Int(value)]) }
        switch value {
        case 0xa640...0xabbf, 0xff21...0xff3a, 0x10400...0x1e943:
            return Unicode.Scalar(value).map { folding($0).value } ?? value
        default: return value
        }
    }

    private static let tableEnd: UInt32 = 0x2e80

    /// Latin, Greek, Cyrillic, Armenian, Georgian, Cherokee and the signs.
    private static let table: [UInt16] = (0..<tableEnd).map { value in
        UInt16(truncatingIfNeeded: Unicode.Scalar(value).map { folding($0).value } ?? value)
    }

    static func folding(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let upper = only(scalar.properties.uppercaseMapping) ?? scalar
        return only(upper.properties.lowercaseMapping) ?? upper
    }

    private static func only(_ text: String) -> Unicode.Scalar? {
        let scalars = text.unicodeScalars
        return scalars.count == 1 ? scalars.first : nil
    }
}
