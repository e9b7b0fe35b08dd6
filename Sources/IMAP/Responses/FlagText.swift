public import MailCore
public import NIOCore

/// Flags in a client's words, each combination made once.
///
/// A session keeps one for its selected mailbox and makes another when the account's keywords change.
public struct FlagText: Sendable {
    /// The names of the bits, from 0; nil where none is given out.
    private let names: [String?]
    private var cache: [Key: [UInt8]] = [:]
    private var lastKey: Key?
    private var lastText: [UInt8] = []

    private struct Key: Hashable, Sendable {
        var flags: Flags
        var isRecent: Bool
    }

    /// So many combinations are kept.
    static let cachedMax = 4_096

    /// - Parameter keywords: the account's own keywords by bit (`Flags.keywordBits`); others are passed over.
    public init(keywords: [Int: String] = [:]) {
        var names: [String?] = Flags.fixedNames
        while names.count <= Flags.keywordBits.upperBound { names.append(nil) }
        for (bit, name) in keywords where Flags.keywordBits.contains(bit) { names[bit] = name }
        self.names = names
    }

    /// All flags that there are, in the order of their bits, as FLAGS and PERMANENTFLAGS list them.
    public var allNames: [String] { names.compactMap { $0 } }

    /// Those of a set, in the same order.
    func names(among flags: Flags) -> [String] {
        names.enumerated().compactMap { flags.rawValue & (1 << Int64($0.offset)) != 0 ? $0.element : nil }
    }

    /// Whether one more keyword can be made.
    public var hasRoom: Bool { Flags.keywordBits.contains { names[$0] == nil } }

    /// The bit of a keyword or fixed flag, compared without regard to case.
    public func flags(named name: String) -> Flags? {
        let wanted = name.lowercased()
        return names.firstIndex { $0?.lowercased() == wanted }.map { Flags(rawValue: 1 << Int64($0)) }
    }

    /// Writes `(\Seen $Junk)`.
    public mutating func write(_ flags: Flags, isRecent: Bool = false, into output: inout ByteBuffer) {
        let key = Key(flags: flags, isRecent: isRecent)
        if key != lastKey {
            lastText = text(key)
            lastKey = key
        }
        output.writeBytes(lastText)
    }

    /// Writes all of `* 12 FETCH (UID 7 MODSEQ (5) FLAGS (\Seen))` in one piece: what a client asks of whole mailboxes.
    ///
    /// - Parameters:
    ///   - uid: nil leaves `UID 7 ` away.
    ///   - modSeq: nil leaves `MODSEQ (5) ` away.
    ///   - isUIDOnly: the number is a UID, and the response UIDFETCH (RFC 9586 §3.3).
    public mutating func writeFetch(
        _ number: UInt32, uid: UID?, modSeq: ModSeq? = nil, _ flags: Flags, isRecent: Bool = false,
        isUIDOnly: Bool = false, into output: inout ByteBuffer
    ) {
        let key = Key(flags: flags, isRecent: isRecent)
        if key != lastKey {
            lastText = text(key)
            lastKey = key
        }
        let room = 3 * Decimal.digitsMax + 44 + lastText.count
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { octets in
            var end = Self.copy("* ", to: octets, at: 0)
            end += Decimal.write(UInt64(number), to: octets, at: end)
            end += Self.copy(isUIDOnly ? " UIDFETCH (" : " FETCH (", to: octets, at: end)
            if let uid, !isUIDOnly {
                end += Self.copy("UID ", to: octets, at: end)
                end += Decimal.write(UInt64(uid.rawValue), to: octets, at: end)
                end += Self.copy(" ", to: octets, at: end)
            }
            if let modSeq {
                end += Self.copy("MODSEQ (", to: octets, at: end)
                end += Decimal.write(UInt64(clamping: modSeq.rawValue), to: octets, at: end)
                end += Self.copy(") ", to: octets, at: end)
            }
            end += Self.copy("FLAGS ", to: octets, at: end)
            lastText.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: octets[end...]).copyMemory(from: $0) }
            end += lastText.count
            return end + Self.copy(")\r\n", to: octets, at: end)
        }
    }

    private static func copy(_ word: StaticString, to octets: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
        word.withUTF8Buffer { UnsafeMutableRawBufferPointer(rebasing: octets[start...]).copyMemory(from: .init($0)) }
        return word.utf8CodeUnitCount
    }

    private mutating func text(_ key: Key) -> [UInt8] {
        if let text = cache[key] { return text }
        var words: [String] = key.isRecent ? ["\\Recent"] : []
        for (bit, name) in names.enumerated() where key.flags.rawValue & (1 << Int64(bit)) != 0 {
            if let name { words.append(name) }
        }
        let text = Array("(\(words.joined(separator: " ")))".utf8)
        if cache.count >= Self.cachedMax { cache.removeAll(keepingCapacity: true) }
        cache[key] = text
        return text
    }
}
