public import NIOCore

/// Turns a stored message into the lines of a multi-line response (RFC 1939 §3), piece by piece, for RETR and TOP.
///
/// A line that begins with "." gets another in front; a bare LF becomes CR LF; the last line gets an end if it has
/// none. Pieces may be cut anywhere. `begin` first, then `stuff` for each piece, then `finish`.
public struct LineStuffer: Equatable, Sendable {
    /// Lines of the body still wanted; nil for all.
    private var bodyLinesLeft: Int?
    private var isInHeader = true
    private var isAtLineStart = true
    private var lineIsOneCR = false
    private var lastWasCR = false
    /// Nothing more of the message is wanted: the rest need not be read.
    public private(set) var isComplete = false

    /// The whole message.
    public init() {}

    /// The header, the empty line behind it, and so many lines of the body (RFC 1939 §7, TOP).
    public init(bodyLinesMax: Int) { bodyLinesLeft = max(0, bodyLinesMax) }

    /// Writes the line that says that the message follows. Not to be called before the message is at hand.
    public func begin(into output: inout ByteBuffer) { output.writeStaticString("+OK Message follows\r\n") }

    /// Writes all readable octets of a piece.
    public mutating func stuff(_ piece: ByteBuffer, into output: inout ByteBuffer) {
        piece.withUnsafeReadableBytes { stuff($0, into: &output) }
    }

    public mutating func stuff(_ piece: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        // One insertion in 64 octets is more than mail has.
        output.reserveCapacity(minimumWritableBytes: piece.count + piece.count / 64)
        /// The first octet that is not yet written; runs are written whole.
        var runStart = 0
        var index = 0
        while index < piece.count, !isComplete {
            if isAtLineStart, piece[index] == UInt8(ascii: ".") {
                output.writeBytes(UnsafeRawBufferPointer(rebasing: piece[runStart..<index]))
                output.writeInteger(UInt8(ascii: "."))
                runStart = index
            }
            let start = index
            index = Self.lineFeed(in: piece, from: index)
            if index > start {
                lastWasCR = piece[index - 1] == UInt8(ascii: "\r")
                lineIsOneCR = isAtLineStart && lastWasCR && index - start == 1
                isAtLineStart = false
            }
            guard index < piece.count else { break }
            if !lastWasCR {
                output.writeBytes(UnsafeRawBufferPointer(rebasing: piece[runStart..<index]))
                output.writeInteger(UInt8(ascii: "\r"))
                runStart = index
            }
            index += 1
            endLine()
        }
        output.writeBytes(UnsafeRawBufferPointer(rebasing: piece[runStart..<index]))
    }

    /// Ends the last line and the response.
    public mutating func finish(into output: inout ByteBuffer) {
        if !isAtLineStart {
            if !lastWasCR { output.writeInteger(UInt8(ascii: "\r")) }
            output.writeInteger(UInt8(ascii: "\n"))
        }
        output.writeStaticString(".\r\n")
        isComplete = true
    }

    /// The next LF, else the end. Looks at eight octets at a time: every message that is read goes through here.
    private static func lineFeed(in piece: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while piece.count - index >= 8 {
            let octets = UInt64(littleEndian: piece.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            // An LF becomes a zero octet, and the lowest bit left says which octet is the first zero.
            let zeroed = octets ^ 0x0a0a_0a0a_0a0a_0a0a
            let found = (zeroed &- 0x0101_0101_0101_0101) & ~zeroed & 0x8080_8080_8080_8080
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < piece.count, piece[index] != UInt8(ascii: "\n") { index += 1 }
        return index
    }

    private mutating func endLine() {
        let wasEmpty = isAtLineStart || lineIsOneCR
        isAtLineStart = true
        lineIsOneCR = false
        lastWasCR = false
        guard let left = bodyLinesLeft else { return }
        if isInHeader {
            isInHeader = !wasEmpty
            isComplete = wasEmpty && left == 0
        } else {
            bodyLinesLeft = left - 1
            isComplete = left <= 1
        }
    }
}
