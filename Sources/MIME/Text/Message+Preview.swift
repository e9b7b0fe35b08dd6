extension Message {
    /// RFC 8970 §3: up to 200 characters are preferred, 256 are the most.
    public static let previewCharactersMax = 200

    /// The first words of the readable text on one line, quoted lines left out if there are others; empty without text.
    public func preview(charactersMax: Int = previewCharactersMax) -> String {
        for part in Self.candidates(root) {
            guard let text = part.readableText(octetsMax: 65_536) else { continue }
            let preview = Self.preview(of: text, charactersMax: charactersMax)
            if !preview.isEmpty { return preview }
        }
        return ""
    }

    /// Text parts, the most readable first; at most 20.
    private static func candidates(_ part: Part) -> [Part] {
        switch part.kind {
        case .leaf: return part.isInlineText ? [part] : []
        case .message: return part.embedded.map { candidates($0) } ?? []
        case .multipart: break
        }
        var found: [Part] = []
        for child in part.children where found.count < 20 { found += candidates(child).prefix(20) }
        guard part.contentType.subtype == "alternative" else { return found }
        return found.filter { $0.contentType.subtype == "plain" } + found.filter { $0.contentType.subtype != "plain" }
    }

    private static func preview(of text: String, charactersMax: Int) -> String {
        let own = words(of: text, charactersMax: charactersMax, withQuotes: false)
        return own.isEmpty ? words(of: text, charactersMax: charactersMax, withQuotes: true) : own
    }

    private static func words(of text: String, charactersMax: Int, withQuotes: Bool) -> String {
        // A character may be made of any number of scalars; this bounds them.
        let octetsMax = charactersMax * 8
        var result: [UInt8] = []
        var isASCII = true
        var isLineStart = true
        var isQuote = false
        var wantsSpace = false
        for scalar in text.unicodeScalars {
            if result.count >= (isASCII ? charactersMax : octetsMax) { break }
            if scalar == "\n" {
                isLineStart = true
                isQuote = false
                wantsSpace = true
                continue
            }
            if isLineStart, scalar == ">" { isQuote = !withQuotes }
            if isQuote { continue }
            if scalar.isBlank {
                wantsSpace = true
                continue
            }
            isLineStart = false
            // Senders pad what previews show with characters that nobody sees.
            if scalar.isInvisible { continue }
            if wantsSpace, !result.isEmpty { result.append(.space) }
            wantsSpace = false
            isASCII = isASCII && scalar.isASCII
            result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
        return String(String(decoding: result, as: UTF8.self).prefix(charactersMax))
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool { value < 0x80 ? value <= 0x20 || value == 0x7f : properties.isWhitespace }

    /// But for those that join or dress their neighbours.
    fileprivate var isInvisible: Bool {
        value >= 0x80 && value != 0x200d && value != 0xfe0f && properties.isDefaultIgnorableCodePoint
    }
}
