/// What a client has switched on by ENABLE (RFC 5161), or by a command that says the same.
public struct Features: OptionSet, Hashable, Sendable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// RFC 7162 §3.1: FETCH responses that nobody asked for bear MODSEQ and UID.
    public static let condstore = Features(rawValue: 1 << 0)
    /// RFC 7162 §3.2: VANISHED stands for EXPUNGE.
    public static let qresync = Features(rawValue: 1 << 1)

    /// As ENABLE names them.
    static let words: [(Features, String)] = [(.condstore, "CONDSTORE"), (.qresync, "QRESYNC")]

    static func named(_ word: String) -> Features? { words.first { $0.1 == word }?.0 }

    /// The words of those in the set.
    var words: [String] { Self.words.filter { contains($0.0) }.map(\.1) }

    /// With what goes with them: QRESYNC is nothing without CONDSTORE (RFC 7162 §3.2.3).
    var closed: Features { contains(.qresync) ? union(.condstore) : self }
}
