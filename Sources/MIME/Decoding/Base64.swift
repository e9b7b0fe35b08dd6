public import NIOCore

/// RFC 4648 §4 as mail uses it (RFC 2045 §6.8): octets outside the alphabet are passed over.
public enum Base64 {
    /// The octets meant, at most about `octetsMax` of them.
    public static func decode(_ octets: ByteBuffer, octetsMax: Int = .max) -> ByteBuffer {
        var output = ByteBuffer()
        var decoder = TransferDecoder(.base64)
        decoder.decode(octets, into: &output, octetsMax: octetsMax)
        return output
    }

    /// The text of `octets` in lines of 76 characters that end in CRLF (RFC 2045 §6.8), or in one without an ending.
    public static func encode(_ octets: ByteBuffer, inLines: Bool = true) -> ByteBuffer {
        let groups = (octets.readableBytes + 2) / 3
        let lines = inLines ? (groups + groupsInLine - 1) / groupsInLine : 0
        var output = ByteBuffer()
        octets.withUnsafeReadableBytes { input in
            _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: groups * 4 + lines * 2) { target in
                var written = 0
                for group in 0..<groups {
                    write(input, group * 3, to: target, written)
                    written += 4
                    if inLines, (group + 1) % groupsInLine == 0 || group + 1 == groups {
                        target[written] = .carriageReturn
                        target[written + 1] = .lineFeed
                        written += 2
                    }
                }
                return written
            }
        }
        return output
    }

    private static let groupsInLine = 19

    @inline(__always)
    private static func write(
        _ input: UnsafeRawBufferPointer, _ start: Int, to target: UnsafeMutableRawBufferPointer, _ position: Int
    ) {
        let left = input.count - start
        let first = input[start]
        let second = left > 1 ? input[start + 1] : 0
        let third = left > 2 ? input[start + 2] : 0
        target[position] = character(first >> 2)
        target[position + 1] = character((first & 3) << 4 | second >> 4)
        target[position + 2] = left > 1 ? character((second & 15) << 2 | third >> 6) : UInt8(ascii: "=")
        target[position + 3] = left > 2 ? character(third & 63) : UInt8(ascii: "=")
    }

    @inline(__always)
    private static func character(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: value + 0x41
        case 26..<52: value + 0x47
        case 52..<62: value - 4
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    /// Decodes pieces of any size.
    struct Decoder {
        private var bits: UInt32 = 0
        private var bitCount: UInt32 = 0

        /// Writes at most `input.count` octets to `output`; tells how many.
        mutating func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
            var written = 0
            for octet in input {
                let value = Self.value(octet)
                guard value < 64 else {
                    // RFC 2045 §6.8: padding ends the text; here only its group, since encoded pieces get joined.
                    if octet == UInt8(ascii: "=") { bitCount = 0 }
                    continue
                }
                bits = bits << 6 | UInt32(value)
                bitCount += 6
                if bitCount >= 8 {
                    bitCount -= 8
                    guard written < output.count else { return written }
                    output[written] = UInt8(truncatingIfNeeded: bits >> bitCount)
                    written += 1
                }
            }
            return written
        }

        @inline(__always)
        private static func value(_ octet: UInt8) -> UInt8 {
            switch octet {
            case 0x41...0x5a: octet &- 0x41
            case 0x61...0x7a: octet &- 0x47
            case 0x30...0x39: octet &+ 4
            case UInt8(ascii: "+"): 62
            case UInt8(ascii: "/"): 63
            default: 255
            }
        }
    }
}
