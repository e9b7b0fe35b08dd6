/// What a name must be before it is asked for, and how it is written.
public enum DomainName {
    /// RFC 1035 §2.3.4: labels of 1 to 63 octets, at most 253 octets of text; a final dot is allowed. The root
    /// itself (".") is a name.
    public static func isQueryable(_ name: some StringProtocol) -> Bool {
        if name == "." { return true }
        var length = 0
        var label = 0
        var previousWasDot = true
        for octet in name.utf8 {
            length += 1
            guard length <= 254 else { return false }
            if octet == UInt8(ascii: ".") {
                guard !previousWasDot else { return false }
                label = 0
                previousWasDot = true
            } else {
                label += 1
                guard label <= 63 else { return false }
                previousWasDot = false
            }
        }
        return length > 0 && (previousWasDot ? length >= 2 : length <= 253)
    }

    /// Without a final dot, ASCII letters lowered (RFC 4343 §3): what two names are compared by.
    public static func key(_ name: some StringProtocol) -> String {
        var octets = name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        if octets.count > 1, octets.last == UInt8(ascii: ".") { octets.removeLast() }
        return String(decoding: octets, as: UTF8.self)
    }

    /// RFC 1035 §5.1: with `\DDD` for what is neither letter, digit, hyphen, underscore nor a dot between labels.
    static func masterFileText(_ name: String) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(name.utf8.count + 1)
        for octet in name.utf8 {
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                text.append(octet)
            default:
                text.append(UInt8(ascii: "\\"))
                let zero = UInt8(ascii: "0")
                text += [zero + octet / 100, zero + octet / 10 % 10, zero + octet % 10]
            }
        }
        if text.last != UInt8(ascii: ".") { text.append(UInt8(ascii: ".")) }
        return String(decoding: text, as: UTF8.self)
    }
}
