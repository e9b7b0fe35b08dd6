/// What a server announced in its reply to EHLO (RFC 5321 §4.1.1.1).
public struct Extensions: Equatable, Sendable {
    public var isExtended = false
    public var hasPIPELINING = false
    public var has8BITMIME = false
    public var hasSTARTTLS = false
    public var hasSIZE = false
    /// SIZE's number; nil when none or 0 was said (RFC 1870 §4: no fixed maximum).
    public var sizeOctetsMax: Int?
    public var hasENHANCEDSTATUSCODES = false
    public var hasSMTPUTF8 = false
    /// RFC 3461.
    public var hasDSN = false
    /// RFC 8689.
    public var hasREQUIRETLS = false
    /// RFC 3030.
    public var hasCHUNKING = false
    public var hasBINARYMIME = false
    /// Upper case.
    public var authMechanisms: [String] = []

    public init() {}

    /// Binary mail goes there as it is. RFC 3030 §3 wants BDAT for it, and §2 a reply to each chunk before the next where
    /// PIPELINING is missing: such servers get it converted.
    public var takesBinary: Bool { hasCHUNKING && hasBINARYMIME && hasPIPELINING }

    /// Reads the lines of a 250 to EHLO; the first names the server.
    ///
    ///     ehlo-line    = ehlo-keyword *( SP ehlo-param )
    ///     ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
    init(ehloReply: Reply) {
        isExtended = true
        for line in ehloReply.lines.dropFirst() {
            let words = line.uppercased().split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let keyword = words.first else { continue }
            switch keyword {
            case "PIPELINING": hasPIPELINING = true
            case "8BITMIME": has8BITMIME = true
            case "STARTTLS": hasSTARTTLS = true
            case "ENHANCEDSTATUSCODES": hasENHANCEDSTATUSCODES = true
            case "SMTPUTF8": hasSMTPUTF8 = true
            case "DSN": hasDSN = true
            case "REQUIRETLS": hasREQUIRETLS = true
            case "CHUNKING": hasCHUNKING = true
            case "BINARYMIME": hasBINARYMIME = true
            case "SIZE":
                hasSIZE = true
                if words.count > 1, let octets = Int(words[1]), octets > 0 { sizeOctetsMax = octets }
            case "AUTH": authMechanisms += words.dropFirst().map(String.init)
            default:
                // Servers of old announce "AUTH=LOGIN PLAIN".
                guard keyword.hasPrefix("AUTH=") else { continue }
                authMechanisms += [String(keyword.dropFirst(5))] + words.dropFirst().map(String.init)
            }
        }
    }
}
