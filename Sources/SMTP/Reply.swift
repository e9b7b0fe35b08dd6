public import NIOCore

/// A reply of a server (RFC 5321 §4.2): ours to write, or another's that was read.
public struct Reply: Error, Equatable, Sendable {
    /// 200 to 599.
    public var code: Int
    /// RFC 2034: "2.1.0", of the same class as the code; nil where none may stand (greeting, EHLO, 3xx).
    public var enhancedCode: String?
    /// The text of each line, without codes; at least one.
    public var lines: [String]

    public init(_ code: Int, _ enhancedCode: String?, lines: [String]) {
        self.code = code
        self.enhancedCode = enhancedCode
        self.lines = lines.isEmpty ? [""] : lines
    }

    public init(_ code: Int, _ enhancedCode: String?, _ text: String) {
        self.init(code, enhancedCode, lines: [text])
    }

    /// 2xx.
    public var isPositive: Bool { (200...299).contains(code) }
    /// 3xx.
    public var isIntermediate: Bool { (300...399).contains(code) }
    /// 4xx: the same may succeed later.
    public var isTemporary: Bool { (400...499).contains(code) }
    /// 5xx: the same will not succeed.
    public var isPermanent: Bool { (500...599).contains(code) }
}

extension Reply: CustomStringConvertible {
    /// One line for a log or a bounce: "550 5.1.1 No such mailbox here".
    public var description: String {
        let codes = enhancedCode.map { "\(code) \($0)" } ?? "\(code)"
        let text = lines.joined(separator: " / ")
        return text.isEmpty ? codes : "\(codes) \(text)"
    }
}

extension Reply {
    /// RFC 5321 §4.5.3.1.5: 512 octets a line with code and CR LF; 24 are kept for "250-", the enhanced code and the
    /// end.
    static let textOctetsMax = 488

    /// Writes the reply as the wire wants it; an octet that may not stand in a text (RFC 5321 §4.2 `textstring`) is
    /// written as "?", so that no text of ours can end a line.
    public func write(into output: inout ByteBuffer) {
        for (index, line) in lines.enumerated() {
            output.writeInteger(digit(code / 100))
            output.writeInteger(digit(code / 10))
            output.writeInteger(digit(code))
            let isLast = index == lines.count - 1
            // RFC 2034 §4: the enhanced code stands on every line of the reply.
            let hasText = enhancedCode != nil || !line.isEmpty
            if !isLast { output.writeInteger(UInt8(ascii: "-")) } else if hasText { output.writeStaticString(" ") }
            if let enhancedCode {
                output.writeString(enhancedCode)
                if !line.isEmpty { output.writeStaticString(" ") }
            }
            output.writeText(line, octetsMax: Self.textOctetsMax)
            output.writeStaticString("\r\n")
        }
    }

    private func digit(_ number: Int) -> UInt8 {
        UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: abs(number % 10))
    }
}

extension ByteBuffer {
    /// Writes at most `octetsMax` octets of `text`, each that is not printable US-ASCII as "?".
    mutating func writeText(_ text: String, octetsMax: Int) {
        let start = writerIndex
        writeString(text)
        if writerIndex - start > octetsMax { moveWriterIndex(to: start + octetsMax) }
        let count = writerIndex - start
        withUnsafeMutableReadableBytes { bytes in
            for index in (bytes.count - count)..<bytes.count where !(0x20...0x7e).contains(bytes[index]) {
                bytes[index] = UInt8(ascii: "?")
            }
        }
    }
}
