public import NIOCore

/// Writes a message behind DATA, dot-stuffed (RFC 5321 §4.5.2), chunk by chunk; cut them where you like.
///
/// No CR or LF leaves it but in a CR LF pair: a bare LF becomes CR LF and a bare CR a space, so that no next hop can
/// see an end of data where there is none.
public struct DotStuffer: Sendable {
    private enum State: Sendable {
        case lineStart
        case text
        /// A CR is held back.
        case carriageReturn
    }

    private var state = State.lineStart

    public init() {}

    /// Writes all of `chunk` behind what `output` holds.
    public mutating func write(_ chunk: ByteBuffer, into output: inout ByteBuffer) {
        // Room for a dot in each 64 octets; more is made when it is needed.
        output.reserveCapacity(minimumWritableBytes: chunk.readableBytes + chunk.readableBytes / 64 + 8)
        chunk.withUnsafeReadableBytes { write($0, &output) }
    }

    /// Ends the last line if need be, and writes the end of data.
    public mutating func finish(into output: inout ByteBuffer) {
        switch state {
        case .lineStart: break
        case .text: output.writeStaticString("\r\n")
        case .carriageReturn: output.writeStaticString(" \r\n")
        }
        output.writeStaticString(".\r\n")
        state = .lineStart
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer, _ output: inout ByteBuffer) {
        var place = 0
        while place < bytes.count {
            switch state {
            case .lineStart:
                if bytes[place] == UInt8(ascii: ".") { output.writeInteger(UInt8(ascii: ".")) }
                state = .text
            case .carriageReturn:
                if bytes[place] == UInt8(ascii: "\n") {
                    output.writeStaticString("\r\n")
                    state = .lineStart
                    place += 1
                } else {
                    output.writeInteger(UInt8(ascii: " "))
                    state = .text
                }
            case .text:
                place = text(bytes, from: place, &output)
            }
        }
    }

    /// Goes through lines until one starts with a dot or the octets end; returns the place behind what it took.
    private mutating func text(_ bytes: UnsafeRawBufferPointer, from start: Int, _ output: inout ByteBuffer) -> Int {
        let count = bytes.count
        var place = start
        /// The first octet that was not yet written.
        var run = start
        /// The next LF, or the end: looked for once, however many bare CRs stand before it.
        var lf = start - 1
        while place < count {
            if lf < place { lf = bytes.firstIndex(of: UInt8(ascii: "\n"), from: place) ?? count }
            let line = UnsafeRawBufferPointer(rebasing: bytes[..<lf])
            guard let cr = line.firstIndex(of: UInt8(ascii: "\r"), from: place) else {
                output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run..<lf]))
                if lf == count { return count }
                output.writeStaticString("\r\n")
                state = .lineStart
                return lf + 1
            }
            if cr + 1 == count {
                output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run..<cr]))
                state = .carriageReturn
                return count
            }
            place = cr + 1
            if place == lf {
                place += 1
                guard place < count, bytes[place] != UInt8(ascii: ".") else {
                    output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run..<place]))
                    state = .lineStart
                    return place
                }
            } else {
                output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run..<cr]))
                output.writeInteger(UInt8(ascii: " "))
                run = place
            }
        }
        output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run..<count]))
        return count
    }
}
