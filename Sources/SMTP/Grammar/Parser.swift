/// Reads one command line from left to right. The line is bounded by its reader, so that nothing here can run away.
struct Parser {
    var rest: ArraySlice<UInt8>
    /// False once a path with an octet above 127 was taken.
    var isASCII = true

    init(_ line: [UInt8]) { rest = line[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func dropTrailingSpace() {
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
    }

    mutating func skipSpaces() {
        while rest.first == 0x20 { rest.removeFirst() }
    }

    mutating func takeWhile(_ belongs: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let end = rest.firstIndex { !belongs($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[..<end]
    }

    mutating func take(_ octet: Unicode.Scalar) -> Bool {
        guard let first = rest.first, UInt32(first) == octet.value else { return false }
        rest.removeFirst()
        return true
    }

    /// The verb in upper case, empty when it is none; what follows it is a space or the end.
    mutating func takeVerb() -> String {
        let word = takeWhile { $0 != 0x20 }
        guard (1...8).contains(word.count), word.allSatisfy({ Self.isLetter($0) }) else { return "" }
        return String(decoding: word.map { $0 & ~0x20 }, as: UTF8.self)
    }

    /// Takes spaces, then `keyword` (upper case) in any case of letters, then the spaces that many clients put behind
    /// its colon although RFC 5321 §3.3 forbids them.
    mutating func takeKeyword(_ keyword: String) -> Bool {
        skipSpaces()
        guard takeWord(keyword) else { return false }
        skipSpaces()
        return true
    }

    /// Takes `word` (upper case) in any case of letters.
    mutating func takeWord(_ word: String) -> Bool {
        let expected = word.utf8
        guard rest.count >= expected.count,
            zip(rest, expected).allSatisfy({ $0 == $1 || (Self.isLetter($0) && $0 & ~0x20 == $1) })
        else { return false }
        rest = rest.dropFirst(expected.count)
        return true
    }

    static func isLetter(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: false
        }
    }

    static func isDigit(_ octet: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) }
}
