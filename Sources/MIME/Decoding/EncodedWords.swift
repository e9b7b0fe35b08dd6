public import NIOCore

/// RFC 2047: words like `=?utf-8?Q?caf=C3=A9?=` in header fields.
public enum EncodedWords {
    /// The text meant; what is no encoded word stays as it stands, octets above 127 as UTF-8 or else ISO-8859-1.
    public static func decode(_ value: ByteBuffer) -> String {
        value.withOctets { decode($0) }
    }

    public static func decode(_ value: [UInt8]) -> String {
        value.withUnsafeBytes { decode(Octets($0)) }
    }

    private static func decode(_ view: Octets) -> String {
        guard view.firstIndex(of: UInt8(ascii: "="), in: view.all) != nil else {
            return Charset.decode(view[view.all], named: nil)
        }
        var text = Text(view: view)
        var position = 0
        while let start = view.firstIndex(of: UInt8(ascii: "="), in: position..<view.count) {
            guard let word = word(view, at: start) else {
                position = start + 1
                continue
            }
            text.append(word, at: start)
            position = word.end
        }
        return text.finish()
    }

    struct Word {
        var charset: Range<Int>
        var isBase64: Bool
        var text: Range<Int>
        var end: Int
    }

    /// RFC 2047 §2. The text has no "?", so that each look ends at the next one and the whole stays linear.
    private static func word(_ view: Octets, at start: Int) -> Word? {
        let question = UInt8(ascii: "?")
        let limit = min(view.count, start + 2 + 80)
        guard view[start + 1] == question, start + 2 < limit,
            let charsetEnd = view.firstIndex(of: question, in: start + 2..<limit), charsetEnd > start + 2,
            view[charsetEnd + 2] == question, charsetEnd + 3 <= view.count,
            let textEnd = view.firstIndex(of: question, in: charsetEnd + 3..<view.count),
            view[textEnd + 1] == UInt8(ascii: "=")
        else { return nil }
        let isBase64: Bool
        switch view[charsetEnd + 1].asciiLowered {
        case UInt8(ascii: "b"): isBase64 = true
        case UInt8(ascii: "q"): isBase64 = false
        default: return nil
        }
        // RFC 2231 §5: a language may stand behind the charset.
        let star = view.firstIndex(of: UInt8(ascii: "*"), in: start + 2..<charsetEnd) ?? charsetEnd
        return Word(
            charset: start + 2..<star, isBase64: isBase64, text: charsetEnd + 3..<textEnd, end: textEnd + 2)
    }

    /// Puts words and what stands between them together.
    private struct Text {
        let view: Octets
        private var result = ""
        /// Behind the last word.
        private var plainStart = 0
        /// Words of one charset side by side: a character may be split over them, against RFC 2047 §5.
        private var octets: [UInt8] = []
        private var charset: Range<Int>?

        init(view: Octets) { self.view = view }

        mutating func append(_ word: Word, at start: Int) {
            let between = view[plainStart..<start]
            // RFC 2047 §6.2: blanks between encoded words are not shown.
            let isAdjacent = charset != nil && between.allSatisfy(\.isBlank)
            if !isAdjacent || !isSameCharset(word.charset) { flushWords() }
            if !isAdjacent { result += Charset.decode(between, named: nil) }
            charset = word.charset
            decode(word)
            plainStart = word.end
        }

        mutating func finish() -> String {
            flushWords()
            result += Charset.decode(view[plainStart..<view.count], named: nil)
            return result
        }

        private func isSameCharset(_ other: Range<Int>) -> Bool {
            guard let charset else { return false }
            return view.equals(charset, ignoringCaseOf: view.string(other))
        }

        private mutating func flushWords() {
            guard let charset else { return }
            result += Charset.decode(octets, named: view.string(charset))
            octets.removeAll(keepingCapacity: true)
            self.charset = nil
        }

        private mutating func decode(_ word: Word) {
            if word.isBase64 {
                var decoder = Base64.Decoder()
                let text = view[word.text]
                octets += [UInt8](unsafeUninitializedCapacity: text.count) { target, count in
                    count = decoder.decode(text, into: UnsafeMutableRawBufferPointer(target))
                }
                return
            }
            var position = word.text.lowerBound
            while position < word.text.upperBound {
                let octet = view[position]
                if octet == UInt8(ascii: "="), position + 2 < word.text.upperBound,
                    let high = view[position + 1].hexValue, let low = view[position + 2].hexValue
                {
                    octets.append(high << 4 | low)
                    position += 3
                    continue
                }
                octets.append(octet == UInt8(ascii: "_") ? .space : octet)
                position += 1
            }
        }
    }
}
