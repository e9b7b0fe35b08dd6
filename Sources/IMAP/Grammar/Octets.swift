/// The classes of octets in RFC 3501 §9.
extension UInt8 {
    static let space = UInt8(ascii: " ")
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let doubleQuote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let slash = UInt8(ascii: "/")

    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

    var uppercased: UInt8 { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") ? self & ~0x20 : self }

    /// `ATOM-CHAR`: any CHAR but `atom-specials`.
    var isAtomChar: Bool { OctetClass.table[Int(self)] & OctetClass.atom != 0 }

    /// `ASTRING-CHAR = ATOM-CHAR / resp-specials`.
    var isAStringChar: Bool { isAtomChar || self == UInt8(ascii: "]") }

    /// `list-char = ATOM-CHAR / list-wildcards / resp-specials`; octets above 127 are taken and judged by the name.
    var isListChar: Bool { isAStringChar || self == UInt8(ascii: "%") || self == UInt8(ascii: "*") || self > 0x7f }

    /// `tag = 1*<any ASTRING-CHAR except "+">`.
    var isTagChar: Bool { isAStringChar && self != UInt8(ascii: "+") }
}

private enum OctetClass {
    static let atom: UInt8 = 1

    static let table: [UInt8] = {
        var table = [UInt8](repeating: 0, count: 256)
        for octet in 0x21...0x7e where !"(){%*\"\\]".utf8.contains(UInt8(octet)) { table[octet] = atom }
        return table
    }()
}
