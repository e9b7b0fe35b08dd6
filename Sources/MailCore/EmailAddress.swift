/// An address as mail is sent to: `local-part@domain`, without quotes, comments or a display name.
public struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// As received, quoting undone; its case is kept.
    public var localPart: String
    /// Lower case; A-labels, or an address literal with its brackets.
    public var domain: String

    /// - Parameters:
    ///   - localPart: RFC 5321 §4.1.2 `Local-part` with its quoting undone.
    ///   - domain: `Domain` or `address-literal`; is lowered.
    public init(localPart: String, domain: String) {
        self.localPart = localPart
        self.domain = domain.lowercased()
    }

    /// Takes `a@b` as people type it; nil for anything that has no single sensible reading.
    ///
    /// RFC 5321 §4.5.3.1: at most 64 octets before the `@` and 255 behind it.
    public init?(_ text: String) {
        guard let at = text.lastIndex(of: "@") else { return nil }
        let local = text[..<at]
        let domain = text[text.index(after: at)...]
        guard (1...64).contains(local.utf8.count), (1...255).contains(domain.utf8.count) else { return nil }
        guard local.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && !"\"(),:;<>@[\\]".utf8.contains($0) }) else {
            return nil
        }
        guard Self.isDomain(domain) else { return nil }
        self.init(localPart: String(local), domain: String(domain))
    }

    /// The address as the wire wants it: the local part quoted where it must be (RFC 5321 §4.1.2).
    public var description: String {
        let isDotString = Self.isDotString(localPart)
        if isDotString { return "\(localPart)@\(domain)" }
        let escaped = localPart.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\"@\(domain)"
    }

    /// RFC 5322 §3.2.3 `atext`, and octets above 127 (RFC 6531 §3.3).
    public static func isAtomOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
            true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(octet)
        }
    }

    ///     Dot-string = Atom *("." Atom)                  ; RFC 5321 §4.1.2
    private static func isDotString(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { octets in
            var isAfterDot = true
            for octet in octets {
                if octet == UInt8(ascii: ".") {
                    if isAfterDot { return false }
                    isAfterDot = true
                } else {
                    guard isAtomOctet(octet) else { return false }
                    isAfterDot = false
                }
            }
            return !isAfterDot
        }
    }

    /// A domain as the DNS has it: in lower case, its labels above US-ASCII as A-labels (RFC 5890 §2.3.2.1); nil for one
    /// that is no domain then.
    public static func asciiDomain(_ text: String) -> String? {
        guard isDomain(text) else { return nil }
        let name = text.lowercased()
        guard name.utf8.contains(where: { $0 >= 0x80 }) else { return name }
        let labels = name.split(separator: ".").map { label in
            label.utf8.allSatisfy { $0 < 0x80 } ? String(label) : Punycode.aLabel(label) ?? ""
        }
        let ascii = labels.joined(separator: ".")
        return isDomain(ascii) ? ascii : nil
    }

    /// Dot-separated labels of letters, digits and inner hyphens (RFC 5321 §4.1.2), at most 63 octets each; underscores
    /// and octets above 127 are taken, since names with them exist.
    public static func isDomain(_ text: some StringProtocol) -> Bool {
        var text = String(text)
        return text.withUTF8 { octets in
            guard (1...255).contains(octets.count) else { return false }
            var label = 0
            var last: UInt8 = 0
            for octet in octets {
                switch octet {
                case UInt8(ascii: "."):
                    guard label > 0, last != UInt8(ascii: "-") else { return false }
                    label = -1
                case UInt8(ascii: "-"): if label == 0 { return false }
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
                    break
                default: return false
                }
                label += 1
                guard label <= 63 else { return false }
                last = octet
            }
            return label > 0 && last != UInt8(ascii: "-")
        }
    }
}

/// The reverse-path of a transaction (RFC 5321 §4.1.2): null in notices that must not be answered.
public enum ReversePath: Hashable, Sendable, CustomStringConvertible {
    case null
    case address(EmailAddress)

    /// With its angle brackets.
    public var description: String {
        switch self {
        case .null: "<>"
        case .address(let address): "<\(address)>"
        }
    }

    public var address: EmailAddress? {
        if case .address(let address) = self { address } else { nil }
    }
}
