/// Takes UTF-8 text apart into words of 2 to 40 characters, lower case.
///
/// Chinese and Japanese write without spaces: of their characters each pair of neighbours is a word.
struct WordScanner {
    private static let charactersMin = 2
    private static let charactersMax = 40

    private let octets: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var word: [UInt8] = []
    private var characters = 0
    private var isASCII = true

    private init(_ octets: UnsafeBufferPointer<UInt8>) { self.octets = octets }

    /// Calls `body` with each word until it returns false.
    static func words(of text: String, _ body: (ArraySlice<UInt8>) -> Bool) {
        var text = text
        text.withUTF8 { octets in
            var scanner = WordScanner(octets)
            scanner.scan(body)
        }
    }

    private mutating func scan(_ body: (ArraySlice<UInt8>) -> Bool) {
        var neighbour: Int?
        while position < octets.count {
            let octet = octets[position]
            let length = Self.length(octet)
            if octet < 0x80 ? Self.isWordOctet(octet) : !isSeparator(octet) {
                if isIdeograph(octet) {
                    guard emit(body) else { return }
                    if let start = neighbour, !body(ArraySlice(octets[start..<min(position + 3, octets.count)])) {
                        return
                    }
                    neighbour = position
                } else {
                    take(octet, length)
                    neighbour = nil
                }
            } else {
                guard emit(body) else { return }
                neighbour = nil
            }
            position += length
        }
        _ = emit(body)
    }

    private mutating func take(_ octet: UInt8, _ length: Int) {
        characters += 1
        guard characters <= Self.charactersMax else { return }
        if octet < 0x80 {
            word.append(octet &- 0x41 < 26 ? octet | 0x20 : octet)
        } else {
            isASCII = false
            word.append(contentsOf: octets[position..<min(position + length, octets.count)])
        }
    }

    private mutating func emit(_ body: (ArraySlice<UInt8>) -> Bool) -> Bool {
        defer {
            word.removeAll(keepingCapacity: true)
            characters = 0
            isASCII = true
        }
        guard characters >= Self.charactersMin, characters <= Self.charactersMax else { return true }
        var trimmed = word[...]
        while let first = trimmed.first, Self.isMark(first) { trimmed.removeFirst() }
        while let last = trimmed.last, Self.isMark(last) { trimmed.removeLast() }
        guard trimmed.count >= Self.charactersMin else { return true }
        if isASCII { return body(trimmed) }
        return body(Array(String(decoding: trimmed, as: UTF8.self).lowercased().utf8)[...])
    }

    private static func isWordOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: octet == UInt8(ascii: "$") || octet == UInt8(ascii: "!") || octet == UInt8(ascii: "%") || isMark(octet)
        }
    }

    /// Part of a word between letters only.
    private static func isMark(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "'") || octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_")
    }

    /// Octets of the UTF-8 sequence that begins so.
    private static func length(_ octet: UInt8) -> Int {
        switch octet {
        case 0xf0...: 4
        case 0xe0...: 3
        case 0xc0...: 2
        default: 1
        }
    }

    private var second: UInt8 { position + 1 < octets.count ? octets[position + 1] : 0 }

    /// U+0080 to U+00BF, general punctuation (U+2000 to U+207F), ideographic punctuation (U+3000 to U+303F).
    private func isSeparator(_ octet: UInt8) -> Bool {
        switch octet {
        case 0xc2: true
        case 0xe2: second == 0x80 || second == 0x81
        case 0xe3: second == 0x80
        default: false
        }
    }

    /// U+3040 to U+9FFF: kana and Han.
    private func isIdeograph(_ octet: UInt8) -> Bool { (0xe3...0xe9).contains(octet) }
}
