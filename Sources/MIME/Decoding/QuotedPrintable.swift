public import NIOCore

/// RFC 2045 §6.7: what is no valid escape stays as it stands.
public enum QuotedPrintable {
    /// The octets meant, at most about `octetsMax` of them.
    public static func decode(_ octets: ByteBuffer, octetsMax: Int = .max) -> ByteBuffer {
        var output = ByteBuffer()
        var decoder = TransferDecoder(.quotedPrintable)
        decoder.decode(octets, into: &output, octetsMax: octetsMax)
        decoder.finish(into: &output)
        return output
    }

    /// The text of `octets` in lines of at most 76 characters; CRLF and LF in it become CRLF.
    public static func encode(_ octets: ByteBuffer) -> ByteBuffer {
        var output = ByteBuffer()
        output.reserveCapacity(octets.readableBytes + octets.readableBytes / 8 + 16)
        octets.withOctets { view in
            var column = 0
            for position in 0..<view.count {
                let octet = view[position]
                let next = view[position + 1]
                if octet == .lineFeed || (octet == .carriageReturn && next == .lineFeed) {
                    if octet == .lineFeed {
                        output.writeStaticString("\r\n")
                        column = 0
                    }
                    continue
                }
                let endsLine = position + 1 == view.count || next == .lineFeed || next == .carriageReturn
                // "From " and "." at the start of a line get changed on the way (RFC 2049 §3).
                let isAtRisk = column == 0 && (octet == UInt8(ascii: ".") || octet == UInt8(ascii: "F"))
                let isPlain =
                    (octet > 0x20 && octet < 0x7f && octet != UInt8(ascii: "=") && !isAtRisk)
                    || (octet.isWSP && !endsLine)
                if column + (isPlain ? 1 : 3) > 75 {
                    output.writeStaticString("=\r\n")
                    column = 0
                }
                if isPlain {
                    output.writeInteger(octet)
                    column += 1
                } else {
                    output.writeInteger(UInt8(ascii: "="))
                    output.writeInteger(hexDigit(octet >> 4))
                    output.writeInteger(hexDigit(octet & 15))
                    column += 3
                }
            }
        }
        return output
    }

    static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value + 0x37 }

    /// Decodes pieces of any size.
    struct Decoder {
        private enum State {
            case text
            /// Behind "=".
            case escape
            /// Behind "=" and a digit.
            case digit(UInt8)
            /// Behind "=" and blanks: perhaps a soft line break.
            case softBlanks
            /// Behind "=" and CR.
            case softReturn
        }

        private var state = State.text
        /// Blanks that are dropped if the line ends (RFC 2045 §6.7 rule 3).
        private var blanks: [UInt8] = []
        /// More of them stand, wherever they are.
        private static let blanksMax = 4096

        mutating func decode(_ input: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
            let view = Octets(input)
            var position = 0
            while position < view.count {
                if case .text = state {
                    let start = position
                    while position < view.count, view[position].isOrdinary { position += 1 }
                    if position > start {
                        // Only blanks at the end of the run may be the end of a line.
                        var end = position
                        while end > start, view[end - 1].isWSP { end -= 1 }
                        if end > start { flushBlanks(into: &output) }
                        output.writeBytes(view[start..<end])
                        position = min(position, end + max(0, Self.blanksMax - blanks.count))
                        blanks.append(contentsOf: view[end..<position])
                        if position > start { continue }
                    }
                }
                if take(view[position], into: &output) { position += 1 }
            }
        }

        mutating func finish(into output: inout ByteBuffer) {
            switch state {
            case .escape: output.writeInteger(UInt8(ascii: "="))
            case .digit(let digit): output.writeBytes([UInt8(ascii: "="), digit])
            case .text, .softBlanks, .softReturn: break
            }
            state = .text
            blanks.removeAll()
        }

        /// False when the octet has to be looked at again in the new state.
        private mutating func take(_ octet: UInt8, into output: inout ByteBuffer) -> Bool {
            switch state {
            case .text:
                if octet == UInt8(ascii: "=") {
                    flushBlanks(into: &output)
                    state = .escape
                } else if octet.isWSP, blanks.count < Self.blanksMax {
                    blanks.append(octet)
                } else {
                    if octet == .lineFeed || octet == .carriageReturn { blanks.removeAll(keepingCapacity: true) }
                    flushBlanks(into: &output)
                    output.writeInteger(octet)
                }
                return true
            case .escape:
                if octet.hexValue != nil {
                    state = .digit(octet)
                } else if octet == .carriageReturn {
                    state = .softReturn
                } else if octet == .lineFeed {
                    state = .text
                } else if octet.isWSP {
                    state = .softBlanks
                } else {
                    output.writeInteger(UInt8(ascii: "="))
                    state = .text
                    return false
                }
                return true
            case .digit(let digit):
                state = .text
                if let high = digit.hexValue, let low = octet.hexValue {
                    output.writeInteger(high << 4 | low)
                    return true
                }
                output.writeBytes([UInt8(ascii: "="), digit])
                return false
            case .softBlanks:
                if octet.isWSP { return true }
                if octet == .carriageReturn {
                    state = .softReturn
                    return true
                }
                state = .text
                if octet == .lineFeed { return true }
                output.writeStaticString("= ")
                return false
            case .softReturn:
                state = .text
                return octet == .lineFeed
            }
        }

        private mutating func flushBlanks(into output: inout ByteBuffer) {
            guard !blanks.isEmpty else { return }
            output.writeBytes(blanks)
            blanks.removeAll(keepingCapacity: true)
        }
    }
}

extension UInt8 {
    /// Neither "=" nor part of a line ending.
    @inline(__always)
    fileprivate var isOrdinary: Bool { self != 0x3d && self != .lineFeed && self != .carriageReturn }
}
