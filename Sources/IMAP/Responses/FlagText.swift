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
