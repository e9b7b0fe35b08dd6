import MailCore

/// The values of macros in one place of a check (RFC 7208 §7.2).
struct SPFExpansion {
    var client: IPAddress
    var senderLocalPart: String
    var senderDomain: String
    var helo: String
    /// The domain whose record is being judged.
    var domain: String
    /// `p`: nil when no name was validated.
    var validatedName: String?
    /// `r`: ours.
    var receiver: String
    /// `t`: seconds since 1970-01-01T00:00:00Z.
    var time: Int64

    /// An expansion beyond this is an error, not a name.
    static let octetsMax = 8_192

    func expand(_ string: SPFMacroString) throws(SPFError) -> [UInt8] {
        var result: [UInt8] = []
        for part in string.parts {
            switch part {
            case .literal(let octets): result += octets
            case .macro(let macro): result += expand(macro)
            }
            guard result.count <= Self.octetsMax else {
                throw .permanent("an expansion above \(Self.octetsMax) octets")
            }
        }
        return result
    }

    /// RFC 7208 §7.3: a final dot counts for nothing; labels are taken from the left until 253 octets are left.
    func domainName(_ string: SPFMacroString) throws(SPFError) -> String {
        var name = try expand(string)[...]
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        while name.count > 253 {
            guard let dot = name.firstIndex(of: UInt8(ascii: ".")) else { break }
            name = name[(dot + 1)...]
        }
        return String(decoding: name, as: UTF8.self)
    }

    private func expand(_ macro: SPFMacroString.Macro) -> [UInt8] {
        var value = Array(value(of: macro.letter).utf8)
        if macro.partsKept != nil || macro.isReversed || !macro.delimiters.isEmpty {
            let delimiters = macro.delimiters.isEmpty ? [UInt8(ascii: ".")] : macro.delimiters
            var parts = value.split(omittingEmptySubsequences: false) { delimiters.contains($0) }
            if macro.isReversed { parts.reverse() }
            value = Array(parts.suffix(macro.partsKept ?? parts.count).joined(separator: [UInt8(ascii: ".")]))
        }
        return macro.isEscaped ? value.flatMap(Self.escaped) : value
    }

    private func value(of letter: UInt8) -> String {
        switch letter {
        case UInt8(ascii: "s"): "\(senderLocalPart)@\(senderDomain)"
        case UInt8(ascii: "l"): senderLocalPart
        case UInt8(ascii: "o"): senderDomain
        case UInt8(ascii: "d"): domain
        case UInt8(ascii: "i"): dotted
        case UInt8(ascii: "p"): validatedName ?? "unknown"
        case UInt8(ascii: "v"): client.isIPv4 ? "in-addr" : "ip6"
        case UInt8(ascii: "h"): helo
        case UInt8(ascii: "c"): client.description
        case UInt8(ascii: "r"): receiver
        case UInt8(ascii: "t"): String(time)
        default: ""
        }
    }

    /// Of an IPv6 address its 32 nibbles, in upper case as other evaluators write them.
    private var dotted: String {
        client.isIPv4 ? client.description : client.reversedLabels.reversed().joined(separator: ".").uppercased()
    }

    /// RFC 3986 §2.1, §2.3: all but the unreserved.
    private static func escaped(_ octet: UInt8) -> [UInt8] {
        if octet.isASCIILetter || octet.isASCIIDigit || "-._~".utf8.contains(octet) { return [octet] }
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
    }
}
