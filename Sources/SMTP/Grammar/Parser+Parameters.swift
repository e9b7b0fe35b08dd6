import MailCore

/// RFC 5321 §4.1.2:
///
///     Mail-parameters = esmtp-param *(SP esmtp-param)
///     esmtp-param     = esmtp-keyword ["=" esmtp-value]
///     esmtp-keyword   = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
///     esmtp-value     = 1*(%d33-60 / %d62-126)           ; and UTF-8 (RFC 6531 §3.3)
///
/// Each may stand once; so there are never more than those that we know.
extension Parser {
    mutating func mailParameters() throws(CommandError) -> MailParameters {
        var parameters = MailParameters()
        while let (keyword, value) = try parameter() { try parameters.set(keyword, value) }
        return parameters
    }

    mutating func recipientParameters() throws(CommandError) -> RecipientNotification {
        var notification = RecipientNotification()
        while let (keyword, value) = try parameter() { try notification.set(keyword, value) }
        return notification
    }

    /// The next parameter, its keyword in upper case; nil at the end.
    private mutating func parameter() throws(CommandError) -> (keyword: String, value: ArraySlice<UInt8>?)? {
        guard !isAtEnd else { return nil }
        guard take(" ") else { throw .syntax("A space is wanted before a parameter") }
        skipSpaces()
        let keyword = takeWhile { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: "-") }
        let value = take("=") ? takeWhile { (33...126).contains($0) && $0 != UInt8(ascii: "=") || $0 >= 0x80 } : nil
        guard isAtEnd || rest.first == 0x20, value?.isEmpty != true else { throw .syntax("Bad parameter") }
        return (String(decoding: keyword, as: UTF8.self).uppercased(), value)
    }
}

extension MailParameters {
    fileprivate mutating func set(_ keyword: String, _ value: ArraySlice<UInt8>?) throws(CommandError) {
        switch (keyword, value) {
        case ("SIZE", let value?): try Self.once(&sizeOctets, Self.size(value))
        case ("BODY", let value?):
            guard let body = Body(rawValue: String(decoding: value, as: UTF8.self).uppercased()) else {
                throw .syntax("BODY is 7BIT, 8BITMIME or BINARYMIME")
            }
            try Self.once(&self.body, body)
        case ("AUTH", let value?):
            // RFC 4954 §5 adds 500 octets to the command for it, which is the bound.
            guard let octets = ExtendedText.decode(value, octetsMax: 500),
                let text = String(validating: octets, as: UTF8.self)
            else { throw .syntax("AUTH wants xtext") }
            try Self.once(&submitter, text)
        case ("RET", let value?):
            guard
                let returned = MessageNotification.Returned(
                    rawValue: String(decoding: value, as: UTF8.self).uppercased())
            else { throw .syntax("RET is FULL or HDRS") }
            try Self.once(&notification.returned, returned)
        case ("ENVID", let value?):
            // RFC 3461 §4.4: at most 100 characters.
            guard let text = ExtendedText.printable(value, octetsMax: 100) else { throw .syntax("ENVID wants xtext") }
            try Self.once(&notification.envelopeID, text)
        case ("SMTPUTF8", nil): try Self.once(&isInternationalized)
        case ("REQUIRETLS", nil): try Self.once(&requiresTLS)
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

    fileprivate static func once<Value>(_ place: inout Value?, _ value: Value) throws(CommandError) {
        guard place == nil else { throw .repeated }
        place = value
    }

    private static func once(_ place: inout Bool) throws(CommandError) {
        guard !place else { throw .repeated }
        place = true
    }
}

extension RecipientNotification {
    fileprivate mutating func set(_ keyword: String, _ value: ArraySlice<UInt8>?) throws(CommandError) {
        switch (keyword, value) {
        case ("NOTIFY", let value?): try MailParameters.once(&occasions, Self.occasions(value))
        case ("ORCPT", let value?): try MailParameters.once(&original, Self.original(value))
        default: throw CommandError(.parameterUnknown)
        }
    }

    ///     notify-esmtp-value  = "NEVER" / 1#notify-list-element      ; RFC 3461 §4.1
    ///     notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
    private static func occasions(_ text: ArraySlice<UInt8>) throws(CommandError) -> Occasions {
        let bad = CommandError.syntax("NOTIFY is NEVER, or SUCCESS, FAILURE and DELAY with commas")
        // Three words and their commas have 21 octets; a word that stands twice is borne up to the RFC's 28.
        guard text.count <= 28 else { throw bad }
        let words = String(decoding: text, as: UTF8.self).uppercased().split(
            separator: ",", omittingEmptySubsequences: false)
        if words == ["NEVER"] { return [] }
        var occasions: Occasions = []
        for word in words {
            switch word {
            case "SUCCESS": occasions.insert(.success)
            case "FAILURE": occasions.insert(.failure)
            case "DELAY": occasions.insert(.delay)
            default: throw bad
            }
        }
        return occasions
    }

    ///     original-recipient-address = addr-type ";" xtext           ; RFC 3461 §4.2, at most 500 octets
    ///
    /// The type "utf-8" has an encoding of its own (RFC 6533 §3), which is kept as it stands.
    private static func original(_ text: ArraySlice<UInt8>) throws(CommandError) -> String {
        let bad = CommandError.syntax("ORCPT wants a type, a semicolon and xtext")
        guard text.count <= 500, let semicolon = text.firstIndex(of: UInt8(ascii: ";")) else { throw bad }
        let type = text[..<semicolon]
        guard !type.isEmpty, type.allSatisfy({ EmailAddress.isAtomOctet($0) && $0 < 0x80 }) else { throw bad }
        let name = String(decoding: type, as: UTF8.self).lowercased()
        let address = text[(semicolon + 1)...]
        if name == "utf-8" {
            guard !address.isEmpty, let kept = String(validating: address, as: UTF8.self) else { throw bad }
            return "\(name);\(kept)"
        }
        guard let plain = ExtendedText.printable(address, octetsMax: 500) else { throw bad }
        return "\(name);\(plain)"
    }
}

extension CommandError {
    static let repeated = CommandError.syntax("A parameter stands twice")
}
