/// The encoding of RFC 3461 §4 for values of parameters:
///
///     xtext   = *( xchar / hexchar )
///     xchar   = any US-ASCII character between "!" and "~" except "+" and "="
///     hexchar = "+" 2(%x30-39 / %x41-46)
enum ExtendedText {
    /// - Returns: the octets that were meant; nil for what is no xtext, or more than `octetsMax` as it stands.
    static func decode(_ text: ArraySlice<UInt8>, octetsMax: Int) -> [UInt8]? {
        guard text.count <= octetsMax else { return nil }
        var decoded: [UInt8] = []
        var rest = text
        while let octet = rest.popFirst() {
            guard (0x21...0x7e).contains(octet) else { return nil }
            if octet != UInt8(ascii: "+") {
                decoded.append(octet)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            decoded.append(high << 4 | low)
        }
        return decoded
    }

    /// Text that may stand in a report: printable US-ASCII and spaces (RFC 3461 §4.2 and §4.4).
    static func printable(_ text: ArraySlice<UInt8>, octetsMax: Int) -> String? {
        guard let decoded = decode(text, octetsMax: octetsMax), !decoded.isEmpty,
            decoded.allSatisfy({ (0x20...0x7e).contains($0) })
        else { return nil }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet &- UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }
}
