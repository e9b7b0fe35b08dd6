/// RFC 5321 §4.1.2:
///
///     Mail-parameters = esmtp-param *(SP esmtp-param)
///     esmtp-param     = esmtp-keyword ["=" esmtp-value]
///     esmtp-keyword   = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
///     esmtp-value     = 1*(%d33-60 / %d62-126)
///
/// Each may stand once; so there are never more than those that we know.
extension Parser {
    mutating func mailParameters() throws(CommandError) -> MailParameters {
        var parameters = MailParameters()
        while !isAtEnd {
            guard take(" ") else { throw .syntax("A space is wanted before a parameter") }
            skipSpaces()
            let keyword = takeWhile { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: "-") }
            let value = take("=") ? takeWhile { (33...126).contains($0) && $0 != UInt8(ascii: "=") || $0 >= 0x80 } : nil
            guard isAtEnd || rest.first == 0x20, value?.isEmpty != true else { throw .syntax("Bad parameter") }
            try parameters.set(String(decoding: keyword, as: UTF8.self).uppercased(), value)
        }
        return parameters
    }
}

extension MailParameters {
    fileprivate mutating func set(_ keyword: String, _ value: ArraySlice<UInt8>?) throws(CommandError) {
        switch (keyword, value) {
        case ("SIZE", let value?):
            guard sizeOctets == nil else { throw .repeated }
            sizeOctets = try Self.size(value)
        case ("BODY", let value?):
            guard self.body == nil else { throw .repeated }
            guard let body = Body(rawValue: String(decoding: value, as: UTF8.self).uppercased()) else {
                throw .syntax("BODY is 7BIT or 8BITMIME")
            }
            self.body = body
        case ("AUTH", let value?):
            guard submitter == nil else { throw .repeated }
            submitter = try Self.xtext(value)
        case ("SMTPUTF8", nil):
            guard !isInternationalized else { throw .repeated }
            isInternationalized = true
        default: throw CommandError(.parameterUnknown)
        }
    }

    ///     size-value = 1*20DIGIT                         ; RFC 1870 §3
    private static func size(_ text: ArraySlice<UInt8>) throws(CommandError) -> Int {
        guard (1...20).contains(text.count), text.allSatisfy({ Parser.isDigit($0) }) else {
            throw .syntax("SIZE wants 1 to 20 digits")
        }
        return Int(String(decoding: text, as: UTF8.self)) ?? Int.max
    }

    ///     xtext   = *( xchar / hexchar )                 ; RFC 3461 §4
    ///     hexchar = "+" 2(%x30-39 / %x41-46)
    ///
    /// RFC 4954 §5 adds 500 octets to the command for it, which is the bound.
    private static func xtext(_ text: ArraySlice<UInt8>) throws(CommandError) -> String {
        let bad = CommandError.syntax("AUTH wants xtext")
        guard text.count <= 500 else { throw bad }
        var decoded: [UInt8] = []
        var rest = text
        while let octet = rest.popFirst() {
            guard octet < 0x80 else { throw bad }
            if octet != UInt8(ascii: "+") {
                decoded.append(octet)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                throw bad
            }
            decoded.append(high << 4 | low)
        }
        guard let string = String(validating: decoded, as: UTF8.self) else { throw bad }
        return string
    }

    private static func hexDigit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet &- UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}

extension CommandError {
    static let repeated = CommandError.syntax("A parameter stands twice")
}
