/// The parameters of a Content-Type or Content-Disposition, as written and as meant (RFC 2045 §5.1, RFC 2231).
public struct Parameters: Hashable, Sendable {
    public struct Parameter: Hashable, Sendable {
        /// Lower case, with the asterisks of RFC 2231.
        public var name: String
        /// Quoting undone; percent encoding and encoded words as they stand.
        public var value: [UInt8]

        public init(name: String, value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// As written, in their order; what IMAP's BODYSTRUCTURE shows.
    public var raw: [Parameter]

    /// Parameters read of one field.
    public static let max = 200

    public init(_ raw: [Parameter] = []) { self.raw = raw }

    public var isEmpty: Bool { raw.isEmpty }

    /// Reads `*(";" parameter)`; forgives missing semicolons, blanks in unquoted values and blanks around "=".
    init(parsing lexer: inout Lexer) {
        raw = []
        while raw.count < Self.max {
            lexer.skipCFWS()
            while lexer.take(";") || lexer.take(",") || lexer.take("\"") || lexer.take("/") { lexer.skipCFWS() }
            guard !lexer.isAtEnd else { return }
            let name = lexer.word(until: "=;\"(")
            lexer.skipCFWS()
            guard lexer.take("=") else {
                // A word that is no parameter. One that consumed nothing must not stop us.
                if name.isEmpty, !lexer.isAtEnd { lexer.position += 1 }
                continue
            }
            lexer.skipCFWS()
            let value = Self.value(&lexer)
            if !name.isEmpty, name.count <= 127 {
                raw.append(Parameter(name: lexer.view.lowered(name), value: value))
            }
        }
    }

    private static func value(_ lexer: inout Lexer) -> [UInt8] {
        if lexer.next == UInt8(ascii: "\"") { return lexer.quotedString() }
        var result = lexer.view.array(lexer.word(until: ";\"("))
        // "name=My File.pdf" is common, though it should be quoted; "a=b c=d" lacks a semicolon.
        while true {
            let behind = lexer.position
            lexer.skipCFWS()
            let word = lexer.word(until: ";\"(")
            guard !word.isEmpty, lexer.view.firstIndex(of: UInt8(ascii: "="), in: word) == nil else {
                lexer.position = behind
                return result
            }
            result.append(.space)
            result.append(contentsOf: lexer.view[word])
        }
    }

    /// The value as written of the parameter with exactly this name (lower case).
    public func rawValue(_ name: String) -> [UInt8]? { raw.first { $0.name == name }?.value }

    /// The value as meant: continuations joined and characters decoded by RFC 2231; else encoded words decoded, which
    /// RFC 2047 §5 forbids here and many senders write. `name` is lower case.
    public subscript(_ name: String) -> String? {
        if let extended = continued(name) { return extended }
        return rawValue(name).map { EncodedWords.decode($0) }
    }

    /// RFC 2231 §3 and §4.
    private func continued(_ name: String) -> String? {
        if let single = rawValue(name + "*") {
            let (charset, text) = Self.splitCharset(single)
            return Charset.decode(Self.percentDecoded(text), named: charset)
        }
        guard raw.contains(where: { $0.name.utf8.count > name.utf8.count + 1 && $0.name.hasPrefix(name + "*") }) else {
            return nil
        }
        let byName = Dictionary(raw.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        var octets: [UInt8] = []
        var charset: String?
        for index in 0..<Self.max {
            if let plain = byName["\(name)*\(index)"] {
                octets += plain
            } else if let encoded = byName["\(name)*\(index)*"] {
                guard index == 0 else {
                    octets += Self.percentDecoded(encoded[...])
                    continue
                }
                let (named, text) = Self.splitCharset(encoded)
                charset = named
                octets += Self.percentDecoded(text)
            } else {
                if index == 0 { return nil }
                break
            }
        }
        // Without a charset the pieces were never extended ones: encoded words may hide in them.
        return charset == nil ? EncodedWords.decode(octets) : Charset.decode(octets, named: charset)
    }

    /// `charset'language'text`; all of it is text when the quotes are missing.
    private static func splitCharset(_ value: [UInt8]) -> (charset: String?, text: ArraySlice<UInt8>) {
        guard let first = value.firstIndex(of: UInt8(ascii: "'")),
            let second = value[(first + 1)...].firstIndex(of: UInt8(ascii: "'"))
        else { return (nil, value[...]) }
        return (String(decoding: value[..<first], as: UTF8.self), value[(second + 1)...])
    }

    private static func percentDecoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let high = text[index + 1].hexValue, let low = text[index + 2].hexValue
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }
}
