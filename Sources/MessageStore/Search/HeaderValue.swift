internal import CSys
internal import Glibc
internal import MIME

/// The text of a field's value as searches see it.
enum HeaderValue {
    /// Adds the value folded (`CaseFolding`): unfolded (RFC 5322 §2.2.3), encoded words decoded, blanks around it taken off.
    ///
    /// - Parameter value: as `Header.value(of:)`, with the line endings in it.
    static func append(_ value: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        var start = 0
        var end = value.count
        while start < end, value[start].isBlank { start += 1 }
        while end > start, value[end - 1].isBlank { end -= 1 }
        let text = UnsafeRawBufferPointer(rebasing: value[start..<end])
        let from = output.count
        if !isFolded(text) {
            if CaseFolding.appendASCII(text, to: &output) {
                guard mayHoldWord(text) else { return }
                output.removeSubrange(from...)
            }
            decode([UInt8](text), to: &output)
            return
        }
        let unfolded = text.filter { $0 != 0x0a && $0 != 0x0d && $0 != 0 }
        unfolded.withUnsafeBytes { octets in
            if !mayHoldWord(octets), CaseFolding.appendASCII(octets, to: &output) { return }
            decode(unfolded, to: &output)
        }
    }

    private static func decode(_ unfolded: [UInt8], to output: inout [UInt8]) {
        var text = EncodedWords.decode(unfolded)
        text.withUTF8 { CaseFolding.append(UnsafeRawBufferPointer($0), to: &output) }
    }

    /// Line endings and NULs are no part of the value.
    private static func isFolded(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress else { return false }
        return memchr(base, 0x0a, text.count) != nil || memchr(base, 0x0d, text.count) != nil
            || memchr(base, 0, text.count) != nil
    }

    /// Every encoded word begins with "=?" (RFC 2047 §2).
    private static func mayHoldWord(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let base = text.baseAddress else { return false }
        return csys_memmem(base, text.count, "=?", 2) != nil
    }
}

extension UInt8 {
    /// What may stand around a value: blanks, line endings, and NUL, which may not stand in mail at all.
    fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0d || self == 0x0a || self == 0 }
}
