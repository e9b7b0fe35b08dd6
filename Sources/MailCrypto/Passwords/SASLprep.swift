internal import Foundation

/// Passwords as SCRAM hashes them (RFC 5802 §2.2, RFC 4013), so that a client on another keyboard comes to the same keys.
enum SASLprep {
    /// Maps, then normalises (RFC 4013 §2.1, §2.2). Most passwords are US-ASCII and stay what they are.
    ///
    /// What RFC 4013 §2.3 and §2.4 forbid is left in: a password that was set is one, and whoever is so strict refuses to
    /// send it. Normalisation is that of today's Unicode, not of 3.2: what was assigned then has not changed.
    static func prepared(_ password: String) -> [UInt8] {
        if password.utf8.allSatisfy({ $0 < 0x80 }) { return Array(password.utf8) }
        var text = String.UnicodeScalarView()
        for scalar in password.unicodeScalars {
            switch scalar.value {
            // RFC 3454 C.1.2, mapped to SP by RFC 4013 §2.1.
            case 0xa0, 0x1680, 0x2000...0x200b, 0x202f, 0x205f, 0x3000: text.append(" ")
            // RFC 3454 B.1: mapped to nothing.
            case 0xad, 0x34f, 0x1806, 0x180b...0x180d, 0x200c, 0x200d, 0x2060, 0xfe00...0xfe0f, 0xfeff: break
            default: text.append(scalar)
            }
        }
        return Array(String(text).precomposedStringWithCompatibilityMapping.utf8)
    }
}
