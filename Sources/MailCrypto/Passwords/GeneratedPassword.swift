/// A password made for a person: four groups of six letters and digits, about 118 bits.
///
/// Lower case, without the signs that people mistake for each other (i, l, o, 0, 1): it can be read out and typed.
public enum GeneratedPassword {
    public static func make() -> String {
        var text = ""
        for group in 0..<groups {
            if group > 0 { text.append("-") }
            for _ in 0..<signsOfGroup { text.append(sign()) }
        }
        return text
    }

    /// One sign, each as likely as any other.
    private static func sign() -> Character {
        // The largest multiple of their number that an octet holds; what is above it would favour the first signs.
        let fair = 256 / alphabet.count * alphabet.count
        while true {
            let octet = Int(truncatingIfNeeded: Random.uint64() & 0xff)
            if octet < fair { return alphabet[octet % alphabet.count] }
        }
    }

    private static let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789")
    private static let groups = 4
    private static let signsOfGroup = 6
}
