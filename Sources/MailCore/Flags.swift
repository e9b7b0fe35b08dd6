/// The flags of one message in one mailbox as one integer.
///
/// Bits 0 to 15 are the system flags of RFC 9051 §2.3.2 and the registered `$` keywords that every account has; bits 16
/// to 62 are the account's own keywords, given out by the store.
public struct Flags: OptionSet, Hashable, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    public static let seen = Flags(rawValue: 1 << 0)
    public static let answered = Flags(rawValue: 1 << 1)
    public static let flagged = Flags(rawValue: 1 << 2)
    public static let deleted = Flags(rawValue: 1 << 3)
    public static let draft = Flags(rawValue: 1 << 4)
    public static let forwarded = Flags(rawValue: 1 << 5)
    public static let mdnSent = Flags(rawValue: 1 << 6)
    public static let junk = Flags(rawValue: 1 << 7)
    public static let notJunk = Flags(rawValue: 1 << 8)
    public static let phishing = Flags(rawValue: 1 << 9)
    public static let important = Flags(rawValue: 1 << 10)

    /// Deleted by a POP3 client, and left where it is for a while: POP3 shows it no more. No client sees or sets it.
    public static let pop3Deleted = Flags(rawValue: 1 << 15)
    /// What only the server itself sets and clears.
    public static let hidden: Flags = [.pop3Deleted]

    /// The names of the fixed bits, in the order of their bits.
    public static let fixedNames: [String] = [
        "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "$Forwarded", "$MDNSent", "$Junk", "$NotJunk",
        "$Phishing", "$Important",
    ]

    /// The bits of the account's own keywords.
    public static let keywordBits = 16...62

    /// The fixed flag of that name, compared without regard to case (RFC 9051 §2.3.2).
    public static func fixed(named name: String) -> Flags? {
        let wanted = name.lowercased()
        guard let bit = fixedNames.firstIndex(where: { $0.lowercased() == wanted }) else { return nil }
        return Flags(rawValue: 1 << Int64(bit))
    }
}
