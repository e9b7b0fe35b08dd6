/// What OutboundQueue itself must know of a queued message, in the form that the store keeps (`queue_message.options`): words
/// with a space between.
public struct QueueOptions: Equatable, Sendable {
    /// It was written here, by somebody who had logged in or by ourselves: the domain that it is from signs it.
    public var isOurs: Bool
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

    public init(isOurs: Bool = false, seal: Seal? = nil) {
        self.isOurs = isOurs
        self.seal = seal
    }

    /// Reads what `text` wrote; what it does not know it leaves out.
    public init(text: String) {
        self.init()
        for word in text.split(separator: " ") {
            if word == "ours" { isOurs = true }
            if word.hasPrefix("seal=") { seal = Self.seal(word.dropFirst(5)) }
        }
    }

    public var text: String {
        var words = isOurs ? ["ours"] : []
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
