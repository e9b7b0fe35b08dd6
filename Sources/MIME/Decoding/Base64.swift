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
        var output = ByteBuffer()
        output.reserveCapacity(octets.readableBytes / 57 * 78 + 80)
        octets.withUnsafeReadableBytes { pointer in
            var position = 0
            var column = 0
            while position < pointer.count {
                let group = pointer[position..<min(position + 3, pointer.count)]
                write(group, into: &output)
                position += 3
                column += 4
                if inLines, column == 76 || position >= pointer.count {
                    output.writeStaticString("\r\n")
                    column = 0
                }
            }
        }
        return output
    }

    private static func write(_ group: Slice<UnsafeRawBufferPointer>, into output: inout ByteBuffer) {
        var bits: UInt32 = 0
        for octet in group { bits = bits << 8 | UInt32(octet) }
        bits <<= UInt32(8 * (3 - group.count))
        for index in 0..<4 {
            let isPadding = index > group.count
            output.writeInteger(
                isPadding ? UInt8(ascii: "=") : character(UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * index)) & 63))
        }
    }

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
