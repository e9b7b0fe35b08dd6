import NIOCore

extension EncodedWords {
    /// The text as encoded words, fit for phrases, too (RFC 2047 §5); no character is split over two.
    ///
    /// A word has at most 64 characters of the 75 allowed (§2), so that one fits behind a field's name.
    static func encode(_ text: String) -> [String] {
        let scalars = text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }
        let quotedCount = scalars.reduce(0) { $0 + quotedWidth($1) }
        let octetCount = scalars.reduce(0) { $0 + UTF8.width($1) }
        let isBase64 = quotedCount > octetCount * 4 / 3 + 4
        var words: [String] = []
        var chunk = String.UnicodeScalarView()
        var width = 0
        for scalar in scalars {
            let next = isBase64 ? UTF8.width(scalar) : quotedWidth(scalar)
            if width + next > (isBase64 ? 36 : 52) {
                words.append(word(String(chunk), isBase64: isBase64))
                chunk = String.UnicodeScalarView()
                width = 0
            }
            chunk.append(scalar)
            width += next
        }
        if !chunk.isEmpty { words.append(word(String(chunk), isBase64: isBase64)) }
        return words
    }

    private static func quotedWidth(_ scalar: Unicode.Scalar) -> Int {
        isPlain(scalar) || scalar == " " ? 1 : UTF8.width(scalar) * 3
    }

    /// RFC 2047 §5 (3).
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        guard let octet = UInt8(exactly: scalar.value) else { return false }
        return octet.isLetter || octet.isDigit || "!*+-/".utf8.contains(octet)
    }

    private static func word(_ chunk: String, isBase64: Bool) -> String {
        if isBase64 {
            let text = Base64.encode(ByteBuffer(string: chunk), inLines: false)
            return "=?utf-8?B?\(String(buffer: text))?="
        }
        var text = ""
        for scalar in chunk.unicodeScalars {
            if isPlain(scalar) {
                text.unicodeScalars.append(scalar)
            } else if scalar == " " {
                text += "_"
            } else {
                for octet in UTF8.encode(scalar).map({ Array($0) }) ?? [] {
                    text += "="
                    text.unicodeScalars.append(Unicode.Scalar(QuotedPrintable.hexDigit(octet >> 4)))
                    text.unicodeScalars.append(Unicode.Scalar(QuotedPrintable.hexDigit(octet & 15)))
                }
            }
        }
        return "=?utf-8?Q?\(text)?="
    }
}
