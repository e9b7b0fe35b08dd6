import NIOCore

/// Reads the replies of a server (RFC 5321 §4.2).
///
///     Reply-line     = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF
///     Reply-code     = %x32-35 %x30-35 %x30-39
///
/// Borne: a bare LF as line end, any second digit, octets that are no text (given out as "?"). Not borne: another
/// code within one reply, more than the bounds, anything else.
struct ReplyReader: Sendable {
    enum Failure: Error, Equatable {
        case malformed
        case tooLong
    }

    /// Longest line; RFC 5321 §4.5.3.1.5 has 512.
    static let lineOctetsMax = 4_096
    static let linesMax = 100

    private var code: Int?
    private var enhancedCode: String?
    private var lines: [String] = []

    /// The next whole reply; nil while it is not complete.
    mutating func read(_ input: inout ByteBuffer) throws(Failure) -> Reply? {
        while let line = try readLine(&input) {
            guard lines.count < Self.linesMax else { throw .tooLong }
            let isLast = try take(line)
            guard isLast, let code else { continue }
            defer { self = ReplyReader() }
            return Reply(code, enhancedCode, lines: lines)
        }
        return nil
    }

    private func readLine(_ input: inout ByteBuffer) throws(Failure) -> ArraySlice<UInt8>? {
        let lf = input.withUnsafeReadableBytes { bytes in
            UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.lineOctetsMax)).firstIndex(
                of: UInt8(ascii: "\n"), from: 0)
        }
        guard let lf else {
            guard input.readableBytes < Self.lineOctetsMax else { throw .tooLong }
            return nil
        }
        let line = (input.readBytes(length: lf + 1) ?? [])[...].dropLast()
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }

    /// Whether it was the last line of its reply.
    private mutating func take(_ line: ArraySlice<UInt8>) throws(Failure) -> Bool {
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy({ Parser.isDigit($0) }) else { throw .malformed }
        let code = digits.reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
        guard (200...599).contains(code), self.code == nil || self.code == code else { throw .malformed }
        self.code = code
        let rest = line.dropFirst(3)
        guard let separator = rest.first else {
            lines.append("")
            return true
        }
        guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-") else { throw .malformed }
        var text = rest.dropFirst()
        if let length = Self.enhancedCodeLength(text, of: code) {
            if enhancedCode == nil { enhancedCode = String(decoding: text.prefix(length), as: UTF8.self) }
            text = text.dropFirst(length + 1)
        }
        let clean = text.map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }
        lines.append(String(decoding: clean, as: UTF8.self))
        return separator == UInt8(ascii: " ")
    }

    /// The octets of the enhanced code that the text starts with:
    ///
    ///     status-code = class "." subject "." detail                 ; RFC 3463 §2
    ///     class       = "2" / "4" / "5"                              ; that of the code, RFC 2034 §4
    ///     subject     = 1*3digit
    ///     detail      = 1*3digit
    private static func enhancedCodeLength(_ text: ArraySlice<UInt8>, of code: Int) -> Int? {
        guard let first = text.first, Int(first) == code / 100 + 0x30, first != UInt8(ascii: "3") else { return nil }
        let word = text.prefix(10).prefix { $0 != 0x20 }
        guard word.count < 10 else { return nil }
        let numbers = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers[0].count == 1,
            numbers.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy { Parser.isDigit($0) } })
        else { return nil }
        return word.count
    }
}
