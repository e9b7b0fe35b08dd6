/// The strings of RFC 3501 §4.3 and §9. All are returned as octets: their charset is not theirs to say.
extension Parser {
    /// `astring = 1*ASTRING-CHAR / string`
    mutating func astring() throws(SyntaxError) -> [UInt8] {
        switch next {
        case .doubleQuote, UInt8(ascii: "{"): return try string()
        default:
            let octets = run { $0.isAStringChar }
            guard !octets.isEmpty else { throw expected("astring") }
            return Array(octets)
        }
    }

    /// `string = quoted / literal`
    mutating func string() throws(SyntaxError) -> [UInt8] {
        switch next {
        case .doubleQuote: try quoted()
        case UInt8(ascii: "{"): try literal()
        default: throw expected("string")
        }
    }

    /// `nstring = string / nil`
    mutating func nstring() throws(SyntaxError) -> [UInt8]? {
        if take(word: "NIL") { return nil }
        return try string()
    }

    /// `list-mailbox = 1*list-char / string`
    mutating func listMailbox() throws(SyntaxError) -> [UInt8] {
        switch next {
        case .doubleQuote, UInt8(ascii: "{"): return try string()
        default:
            let octets = run { $0.isListChar }
            guard !octets.isEmpty else { throw expected("list-mailbox") }
            return Array(octets)
        }
    }

    /// An `astring` that is UTF-8, of at most so many octets.
    mutating func text(_ rule: String, octetsMax: Int) throws(SyntaxError) -> String {
        let start = position
        let octets = try astring()
        guard octets.count <= octetsMax else { throw .limitExceeded("octets of \(rule)", max: octetsMax) }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw .expected("\(rule) in UTF-8", at: start)
        }
        return text
    }

    /// `quoted = DQUOTE *QUOTED-CHAR DQUOTE`
    ///
    /// Octets above 127 are taken, as RFC 9051 §9 does for UTF-8: clients send passwords and search texts so.
    private mutating func quoted() throws(SyntaxError) -> [UInt8] {
        try require("\"")
        var text: [UInt8] = []
        while let octet = next {
            switch octet {
            case .doubleQuote:
                _ = take("\"")
                return text
            case .backslash:
                _ = take("\\")
                guard let escaped = next, escaped == .doubleQuote || escaped == .backslash else {
                    throw expected("quoted-specials")
                }
                text.append(escaped)
                _ = octets(count: 1)
            case 0, .carriageReturn, .lineFeed:
                throw expected("QUOTED-CHAR")
            default:
                text.append(
                    contentsOf: run { $0 != .doubleQuote && $0 != .backslash && $0 > 0x0d || $0.isPlainControl })
            }
        }
        throw expected("DQUOTE")
    }

    /// `literal = "{" number ["+"] "}" CRLF *CHAR8`: the framer has seen to it that the octets are there.
    mutating func literal() throws(SyntaxError) -> [UInt8] {
        let octets = try literal8()
        // RFC 3501 §9: CHAR8 = %x01-ff
        guard !octets.contains(0) else { throw expected("literal without NUL") }
        return octets
    }

    /// A literal whose octets are part of a message: any.
    mutating func literal8() throws(SyntaxError) -> [UInt8] {
        let count = try literalHeader()
        guard take("\r"), take("\n") else { throw expected("CRLF") }
        guard let octets = octets(count: count) else { throw expected("octets of a literal") }
        return Array(octets)
    }

    /// `["~"] "{" number ["+"] "}"` (RFC 7888 §3, RFC 3516 §7).
    mutating func literalHeader() throws(SyntaxError) -> Int {
        _ = take("~")
        try require("{")
        let count = try number()
        _ = take("+")
        try require("}")
        return Int(count)
    }
}

extension UInt8 {
    /// TEXT-CHAR below SP: any but NUL, CR and LF.
    fileprivate var isPlainControl: Bool { (1...0x0c).contains(self) && self != .lineFeed }
}
