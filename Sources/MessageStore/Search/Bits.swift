/// A set of small numbers.
struct Bits: Equatable, Sendable {
    let limit: Int
    private(set) var words: [UInt64]

    /// - Parameter limit: numbers are below it.
    init(limit: Int) {
        self.limit = limit
        words = [UInt64](repeating: 0, count: (limit + 63) / 64)
    }

    /// A number out of range is passed over.
    @inline(__always)
    mutating func insert(_ number: Int) {
        guard number >= 0, number < limit else { return }
        words[number >> 6] |= 1 << UInt64(number & 63)
    }

    @inline(__always)
    func contains(_ number: Int) -> Bool {
        number >= 0 && number < limit && words[number >> 6] >> UInt64(number & 63) & 1 == 1
    }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    mutating func formIntersection(_ other: Bits) {
        for index in words.indices { words[index] &= index < other.words.count ? other.words[index] : 0 }
    }
}
