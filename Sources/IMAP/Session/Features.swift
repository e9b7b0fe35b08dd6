/// What a client has switched on by ENABLE (RFC 5161), or by a command that says the same.
public struct Features: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// RFC 7162 §3.1: FETCH responses that nobody asked for bear MODSEQ and UID.
    public static let condstore = Features(rawValue: 1 << 0)
    /// RFC 7162 §3.2: VANISHED stands for EXPUNGE.
    public static let qresync = Features(rawValue: 1 << 1)

    /// RFC 6855 §3: names of mailboxes are UTF-8, in both directions.
    public static let utf8Accept = Features(rawValue: 1 << 2)
    /// RFC 9051: no `\Recent`, ESEARCH in place of SEARCH, names in UTF-8.
    public static let rev2 = Features(rawValue: 1 << 3)
    /// RFC 9586: no sequence numbers.
    public static let uidOnly = Features(rawValue: 1 << 4)

    /// Whether names of mailboxes are UTF-8 (RFC 6855 §3, RFC 9051 §5.1), else modified UTF-7.
    public var usesUTF8: Bool { !isDisjoint(with: [.utf8Accept, .rev2]) }

    /// Whether what left is told by VANISHED (RFC 7162 §3.2.10, RFC 9586 §3.4).
    public var tellsVanished: Bool { !isDisjoint(with: [.qresync, .uidOnly]) }

    /// As ENABLE names them.
    static let words: [(Features, String)] = [
        (.condstore, "CONDSTORE"), (.qresync, "QRESYNC"), (.utf8Accept, "UTF8=ACCEPT"), (.rev2, "IMAP4REV2"),
        (.uidOnly, "UIDONLY"),
    ]

    static func named(_ word: String) -> Features? { words.first { $0.1 == word }?.0 }

    /// The words of those in the set.
    var words: [String] {
        Self.words.filter { contains($0.0) }.map { $0.1 == "IMAP4REV2" ? "IMAP4rev2" : $0.1 }
    }

    /// With what goes with them: QRESYNC is nothing without CONDSTORE (RFC 7162 §3.2.3).
    var closed: Features { contains(.qresync) ? union(.condstore) : self }
}
