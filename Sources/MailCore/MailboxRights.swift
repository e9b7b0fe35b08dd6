/// What somebody may do with a mailbox (RFC 4314 §2.1).
public struct MailboxRights: OptionSet, Hashable, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// `l`: is told that the mailbox exists.
    public static let lookUp = MailboxRights(rawValue: 1 << 0)
    /// `r`: opens it and reads its messages.
    public static let read = MailboxRights(rawValue: 1 << 1)
    /// `s`: sets and clears `\Seen`.
    public static let markSeen = MailboxRights(rawValue: 1 << 2)
    /// `w`: sets and clears flags other than `\Seen` and `\Deleted`.
    public static let write = MailboxRights(rawValue: 1 << 3)
    /// `i`: puts messages into it.
    public static let insert = MailboxRights(rawValue: 1 << 4)
    /// `p`: sends mail to it. Kept and told; nothing here is sent to a mailbox by name.
    public static let post = MailboxRights(rawValue: 1 << 5)
    /// `k`: makes mailboxes below it.
    public static let create = MailboxRights(rawValue: 1 << 6)
    /// `x`: removes or renames it.
    public static let remove = MailboxRights(rawValue: 1 << 7)
    /// `t`: sets and clears `\Deleted`.
    public static let markDeleted = MailboxRights(rawValue: 1 << 8)
    /// `e`: expunges.
    public static let expunge = MailboxRights(rawValue: 1 << 9)
    /// `a`: says who has which rights.
    public static let administer = MailboxRights(rawValue: 1 << 10)

    public static let all = MailboxRights(rawValue: (1 << 11) - 1)
    /// Those about flags.
    public static let flagging: MailboxRights = [.markSeen, .write, .markDeleted]

    /// Their letters, in the order of their bits.
    public static let letters = Array("lrswipkxtea")
    /// RFC 4314 §2.1.1: what RFC 2086 had in place of several rights.
    public static let oldCreate: MailboxRights = [.create, .remove]
    public static let oldDelete: MailboxRights = [.markDeleted, .expunge]

    /// Reads letters; `c` and `d` stand for the rights that took their place (RFC 4314 §2.1.1).
    ///
    /// Nil for a letter that is no right: none may be passed over (RFC 4314 §3.1).
    public init?(letters text: String) {
        self = []
        for letter in text {
            switch letter {
            case "c": formUnion(.oldCreate)
            case "d": formUnion(.oldDelete)
            default:
                guard let bit = Self.letters.firstIndex(of: letter) else { return nil }
                insert(MailboxRights(rawValue: 1 << Int64(bit)))
            }
        }
    }

    /// The letters of the rights, without `c` and `d`.
    public var text: String {
        String(Self.letters.enumerated().filter { rawValue & (1 << Int64($0.offset)) != 0 }.map(\.element))
    }

    /// As responses tell them: with `c` and `d` where any right is held that took their place (RFC 4314 §2.1.1).
    public var textWithOldRights: String {
        text + (isDisjoint(with: .oldCreate) ? "" : "c") + (isDisjoint(with: .oldDelete) ? "" : "d")
    }

    /// The flags that can be set and cleared with these rights (RFC 4314 §4).
    public var flags: Flags {
        let apart: Flags = [.seen, .deleted]
        var flags: Flags = []
        if contains(.markSeen) { flags.insert(.seen) }
        if contains(.markDeleted) { flags.insert(.deleted) }
        if contains(.write) { flags.formUnion(Flags(rawValue: .max).subtracting(apart.union(.hidden))) }
        return flags
    }
}

/// What becomes of somebody's rights (RFC 4314 §3.1).
public enum RightsChange: Hashable, Sendable {
    case replace(MailboxRights)
    case add(MailboxRights)
    case remove(MailboxRights)

    public func applied(to rights: MailboxRights) -> MailboxRights {
        switch self {
        case .replace(let new): new
        case .add(let more): rights.union(more)
        case .remove(let less): rights.subtracting(less)
        }
    }
}
