public import NIOCore

/// Base64 as RFC 4648 §4 has it: with its padding, without line ends, and one spelling only for each value.
public enum Base64 {
    public enum Failure: Error, Equatable, Sendable {
        /// An octet outside the alphabet, padding missing or in the wrong place, or bits set that carry nothing (§3.5).
        case malformed
        /// The value would be longer than the caller takes.
        case tooLong
    }

    public static func encode(_ octets: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for octet in octets {
            group = group << 8 | UInt32(octet)
            held += 1
            if held == 3 {
                append(group, digits: 4, to: &text)
                (group, held) = (0, 0)
            }
        }
        if held > 0 {
            append(group << UInt32(8 * (3 - held)), digits: held + 1, to: &text)
            for _ in held..<3 { text.append(padding) }
        }
        return text
    }

    /// Writes the text of a challenge behind what `buffer` holds.
    public static func encode(_ octets: some Collection<UInt8>, into buffer: inout ByteBuffer) {
        buffer.writeBytes(encode(octets))
    }

    /// The value of `text`, of at most `octetsMax` octets; an empty text is an empty value.
    public static func decode(_ text: some Collection<UInt8>, octetsMax: Int) throws(Failure) -> [UInt8] {
        let digits = text.count
        guard digits % 4 == 0 else { throw .malformed }
        guard digits / 4 <= octetsMax / 3 + 1 else { throw .tooLong }
        var octets: [UInt8] = []
        octets.reserveCapacity(digits / 4 * 3)
        var group: UInt32 = 0
        var held = 0
        var padded = 0
        for character in text {
            if character == padding {
                padded += 1
                continue
            }
            // RFC 4648 §3.3: an octet outside the alphabet is refused; padding is the end.
            let value = values[Int(character)]
            guard value != notADigit, padded == 0 else { throw .malformed }
            group = group << 6 | UInt32(value)
            held += 1
            if held == 4 {
                octets.append(UInt8(truncatingIfNeeded: group >> 16))
                octets.append(UInt8(truncatingIfNeeded: group >> 8))
                octets.append(UInt8(truncatingIfNeeded: group))
                (group, held) = (0, 0)
            }
        }
        switch (held, padded) {
        case (0, 0): break
        case (3, 1):
            guard group & 0b11 == 0 else { throw .malformed }
            octets.append(UInt8(truncatingIfNeeded: group >> 10))
            octets.append(UInt8(truncatingIfNeeded: group >> 2))
        case (2, 2):
            guard group & 0b1111 == 0 else { throw .malformed }
            octets.append(UInt8(truncatingIfNeeded: group >> 4))
        default: throw .malformed
        }
        guard octets.count <= octetsMax else { throw .tooLong }
        return octets
    }

    private static let padding = UInt8(ascii: "=")
    private static let notADigit: UInt8 = 0xff
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: notADigit, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    private static func append(_ group: UInt32, digits: Int, to text: inout [UInt8]) {
        for digit in 0..<digits {
            text.append(alphabet[Int(group >> UInt32(18 - 6 * digit) & 0x3f)])
        }
    }
}
