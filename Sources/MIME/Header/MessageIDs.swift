public import NIOCore

/// The message identifiers in a Message-ID, References or In-Reply-To field (RFC 5322 §3.6.4).
public enum MessageIDs {
    /// Identifiers read of one field.
    public static let max = 1000
    /// Octets of one identifier; a longer one is passed over.
    public static let octetsMax = 998

    /// The identifiers without angle brackets, blanks in them taken out, in their order. A field without any bracket
    /// whose one word has an "@" is taken as an identifier.
    public static func parse(_ value: ByteBuffer, max: Int = max) -> [String] {
        value.withOctets { view in
            var result: [String] = []
            var position = 0
            var isBare = true
            while result.count < max, let open = view.firstIndex(of: UInt8(ascii: "<"), in: position..<view.count) {
                isBare = false
                guard let close = view.firstIndex(of: UInt8(ascii: ">"), in: open..<view.count) else { break }
                append(view, open + 1..<close, to: &result)
                position = close + 1
            }
            if isBare, result.isEmpty, max > 0 {
                var lexer = Lexer(view, view.all)
                lexer.skipCFWS()
                let word = lexer.word(until: "(")
                if view.firstIndex(of: UInt8(ascii: "@"), in: word) != nil { append(view, word, to: &result) }
            }
            return result
        }
    }

    private static func append(_ view: Octets, _ range: Range<Int>, to result: inout [String]) {
        guard (1...octetsMax).contains(range.count) else { return }
        let octets = view[range].filter { !$0.isBlank }
        if !octets.isEmpty { result.append(String(decoding: octets, as: UTF8.self)) }
    }
}
