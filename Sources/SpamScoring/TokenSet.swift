/// The distinct tokens of one message: their hashes, and their texts for the explanation.
struct TokenSet: Sendable {
    /// What of the algorithm a stored count depends on; to be raised when tokens are made otherwise.
    static let version = 1
    static let countMax = 1_500
    /// Octets of a token, its prefix included; what is longer is cut for the explanation, not for the hash.
    private static let textOctetsMax = 80

    private(set) var hashes: [UInt64] = []
    private var positions: [UInt64: Int] = [:]
    private var texts: [UInt8] = []
    private var ends: [Int] = []

    init() {
        hashes.reserveCapacity(256)
        positions.reserveCapacity(256)
    }

    var count: Int { hashes.count }
    var isFull: Bool { hashes.count >= Self.countMax }

    /// - Parameter limit: nothing is added when there are so many already.
    mutating func insert(_ prefix: StaticString, _ word: some Collection<UInt8>, limit: Int = countMax) {
        guard hashes.count < min(limit, Self.countMax) else { return }
        var hash = Hash64()
        prefix.withUTF8Buffer { hash.add($0) }
        hash.add(word)
        let value = hash.value
        guard positions[value] == nil else { return }
        positions[value] = hashes.count
        hashes.append(value)
        prefix.withUTF8Buffer { texts.append(contentsOf: $0) }
        texts.append(contentsOf: word.prefix(Self.textOctetsMax))
        ends.append(texts.count)
    }

    mutating func insert(_ prefix: StaticString, _ word: String, limit: Int = countMax) {
        insert(prefix, word.utf8, limit: limit)
    }

    func position(of hash: UInt64) -> Int? { positions[hash] }

    func text(_ position: Int) -> String {
        guard ends.indices.contains(position) else { return "" }
        let start = position == 0 ? 0 : ends[position - 1]
        return String(decoding: texts[start..<ends[position]], as: UTF8.self)
    }

    /// The hashes as a JSON array of signed integers, for SQLite's json_each.
    var json: String {
        var text = "["
        text.reserveCapacity(hashes.count * 21 + 2)
        for (index, hash) in hashes.enumerated() {
            if index > 0 { text += "," }
            text += String(Int64(bitPattern: hash))
        }
        return text + "]"
    }
}

/// FNV-1a, with a last mixing so that all bits depend on all octets. The same on every machine: it is stored.
private struct Hash64 {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ octets: some Collection<UInt8>) {
        for octet in octets {
            state ^= UInt64(octet)
            state = state &* 0x100_0000_01b3
        }
    }

    var value: UInt64 {
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
