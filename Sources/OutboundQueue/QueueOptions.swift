/// What a queued message needs to be sent on as it came, in the form that the store keeps (`queue_message.options`): words
/// with a space between.
public struct QueueOptions: Equatable, Sendable {
    /// RET= (RFC 3461 §4.3): what of the message a notice gives back.
    public enum Returned: String, Sendable {
        case full, headers = "hdrs"
    }

    /// An octet above 127 stands in it: the next hop must know 8BITMIME (RFC 6152).
    public var isEightBit: Bool
    /// It was written here, by somebody who had logged in or by ourselves: the domain that it is from signs it.
    public var isOurs: Bool
    /// An address or a field of the header has octets above 127: the next hop must know SMTPUTF8 (RFC 6531).
    public var isInternationalized: Bool
    /// RFC 8689: it goes over verified TLS, to servers that promise the same, or comes back.
    public var requiresTLS: Bool
    public var returned: Returned?
    /// ENVID= (RFC 3461 §4.4), xtext undone.
    public var envelopeID: String?

    /// It is sent on for somebody else: sealed (RFC 8617) by the domain that forwards it.
    public var seal: Seal?

    public struct Seal: Equatable, Sendable {
        /// Whose key seals.
        public var domain: String
        /// Of the chain that it came with: "none", "pass" or "fail".
        public var status: String
        /// The value of an Authentication-Results field.
        public var results: String

        public init(domain: String, status: String, results: String) {
            self.domain = domain
            self.status = status
            self.results = results
        }
    }

    public init(
        isEightBit: Bool = false, isOurs: Bool = false, isInternationalized: Bool = false, requiresTLS: Bool = false,
        returned: Returned? = nil, envelopeID: String? = nil
    ) {
        self.isEightBit = isEightBit
        self.isOurs = isOurs
        self.isInternationalized = isInternationalized
        self.requiresTLS = requiresTLS
        self.returned = returned
        self.envelopeID = envelopeID
    }

    /// Reads what `text` wrote; what it does not know it leaves out.
    public init(text: String) {
        self.init()
        for word in text.split(separator: " ") {
            switch word {
            case "8bit": isEightBit = true
            case "ours": isOurs = true
            case "utf8": isInternationalized = true
            case "requiretls": requiresTLS = true
            case "ret=full": returned = .full
            case "ret=hdrs": returned = .headers
            default:
                if word.hasPrefix("envid=") { envelopeID = XText.decode(word.dropFirst(6)) }
                if word.hasPrefix("seal=") { seal = Self.seal(word.dropFirst(5)) }
            }
        }
    }

    public var text: String {
        var words: [String] = []
        if isEightBit { words.append("8bit") }
        if isOurs { words.append("ours") }
        if isInternationalized { words.append("utf8") }
        if requiresTLS { words.append("requiretls") }
        if let returned { words.append("ret=\(returned.rawValue)") }
        if let envelopeID { words.append("envid=\(XText.encode(envelopeID))") }
        if let seal { words.append("seal=\(seal.domain);\(seal.status);\(XText.encode(seal.results))") }
        return words.joined(separator: " ")
    }

    private static func seal(_ text: Substring) -> Seal? {
        let parts = text.split(separator: ";", maxSplits: 2)
        guard parts.count == 3, let results = XText.decode(parts[2]) else { return nil }
        return Seal(domain: String(parts[0]), status: String(parts[1]), results: results)
    }
}

/// RFC 3461 §4:
///
///     xtext   = *( xchar / hexchar )
///     xchar   = any ASCII CHAR between "!" (33) and "~" (126) inclusive, except for "+" and "="
///     hexchar = ASCII "+" immediately followed by two upper case hexadecimal digits
enum XText {
    static func encode(_ text: String) -> String {
        var result = ""
        for octet in text.utf8 {
            if (33...126).contains(octet), octet != UInt8(ascii: "+"), octet != UInt8(ascii: "=") {
                result.unicodeScalars.append(Unicode.Scalar(octet))
            } else {
                let hex = String(octet, radix: 16, uppercase: true)
                result += "+" + (hex.count < 2 ? "0" : "") + hex
            }
        }
        return result
    }

    /// Nil for what is no xtext.
    static func decode(_ text: some StringProtocol) -> String? {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "+") else {
                octets.append(octet)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            octets.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: octets, as: UTF8.self)
    }
}
