import MIME

/// The charset of the texts in one SEARCH (RFC 3501 §6.4.4): any that MIME can decode.
struct SearchCharset: Equatable, Sendable {
    /// Upper case.
    let name: String

    /// Without CHARSET the texts are US-ASCII; UTF-8 is taken too, since clients send it so.
    static let unnamed = SearchCharset(trusted: "UTF-8")

    /// What BADCHARSET tells of; others of glibc's are known besides.
    static let names = ["US-ASCII", "UTF-8"] + (1...16).filter { $0 != 12 }.map { "ISO-8859-\($0)" }

    init?(_ name: String) {
        let upper = name.uppercased()
        guard Self.names.contains(upper) || Charset.isKnown(upper) else { return nil }
        self.name = upper
    }

    private init(trusted name: String) { self.name = name }

    /// The text in UTF-8; nil when these octets are none of this charset's.
    func text(_ octets: [UInt8]) -> String? {
        switch name {
        case "US-ASCII": return octets.allSatisfy { $0 < 0x80 } ? String(decoding: octets, as: UTF8.self) : nil
        case "UTF-8", "UTF8": return String(validating: octets, as: UTF8.self)
        default:
            let text = Charset.decode(octets, named: name)
            return text.unicodeScalars.contains("\u{fffd}") ? nil : text
        }
    }
}
