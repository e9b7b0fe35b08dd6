/// The special-use attributes of a mailbox (RFC 6154 §2).
public struct SpecialUse: OptionSet, Hashable, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    public static let all = SpecialUse(rawValue: 1 << 0)
    public static let archive = SpecialUse(rawValue: 1 << 1)
    public static let drafts = SpecialUse(rawValue: 1 << 2)
    public static let flagged = SpecialUse(rawValue: 1 << 3)
    public static let junk = SpecialUse(rawValue: 1 << 4)
    public static let sent = SpecialUse(rawValue: 1 << 5)
    public static let trash = SpecialUse(rawValue: 1 << 6)

    /// The attributes as LIST says them, in the order of their bits.
    public static let names = ["\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash"]
}
