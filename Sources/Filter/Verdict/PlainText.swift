/// A stranger's words made fit for a reply or a header field of ours.
enum PlainText {
    /// The name of a signature: letters, digits, dots, hyphens and underscores of it, at most 100.
    static func signatureName(_ name: String) -> String {
        let octets = name.utf8.prefix(100).map { isNameOctet($0) ? $0 : UInt8(ascii: "?") }
        return octets.isEmpty ? "unnamed" : String(decoding: octets, as: UTF8.self)
    }

    /// One word of a field: what could end a field, a comment or a list becomes "?"; cut at 80 octets.
    static func word(_ text: String) -> String {
        let octets = text.utf8.prefix(80).map {
            isNameOctet($0) || "!$%&'*+/:@#~".utf8.contains($0) ? $0 : UInt8(ascii: "?")
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// Words of a comment (RFC 5322 §3.2.2): printable ASCII without parentheses, backslashes and semicolons; cut at
    /// 200 octets.
    static func comment(_ text: String) -> String {
        let octets = text.utf8.prefix(200).map {
            (0x20...0x7e).contains($0) && !"()\\;".utf8.contains($0) ? $0 : UInt8(ascii: "?")
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// "+2.90": always with a sign, so many digits behind the point.
    static func signed(_ value: Double, digits: Int) -> String {
        (value < 0 ? "-" : "+") + fixed(value.magnitude, digits: digits)
    }

    /// Not a number, or beyond a million, is written as what is nearest.
    static func fixed(_ value: Double, digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let limited = value.isNaN ? 0 : min(max(value, -1_000_000), 1_000_000)
        let scaled = Int((limited.magnitude * Double(scale)).rounded())
        let whole = "\(limited < 0 && scaled > 0 ? "-" : "")\(scaled / scale)"
        guard digits > 0 else { return whole }
        let fraction = "\(scaled % scale)"
        return whole + "." + String(repeating: "0", count: digits - fraction.utf8.count) + fraction
    }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: octet == UInt8(ascii: ".") || octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_")
        }
    }
}
