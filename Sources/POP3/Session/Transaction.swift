/// The TRANSACTION state (RFC 1939 §5): the maildrop and which of its messages are marked as deleted.
struct Transaction: Sendable {
    let maildrop: Maildrop
    /// A bit a message.
    private var marks: [UInt64]
    /// Messages without a mark, and their octets.
    private(set) var remainingCount: Int
    private(set) var remainingOctets: Int

    init(_ maildrop: Maildrop) {
        self.maildrop = maildrop
        marks = []
        remainingCount = 0
        remainingOctets = 0
        removeMarks()
    }

    var count: Int { maildrop.sizes.count }

    func isDeleted(_ index: Int) -> Bool { marks[index / 64] >> UInt64(index % 64) & 1 == 1 }

    mutating func markAsDeleted(_ index: Int) {
        guard !isDeleted(index) else { return }
        marks[index / 64] |= 1 << UInt64(index % 64)
        remainingCount -= 1
        remainingOctets -= Int(maildrop.sizes[index])
    }

    mutating func removeMarks() {
        marks = [UInt64](repeating: 0, count: (count + 63) / 64)
        remainingCount = count
        remainingOctets = maildrop.sizes.reduce(0) { $0 + Int($1) }
    }

    /// In ascending order.
    var deletedIndexes: [Int] {
        var indexes: [Int] = []
        indexes.reserveCapacity(count - remainingCount)
        for (word, bits) in marks.enumerated() {
            var bits = bits
            while bits != 0 {
                indexes.append(word * 64 + bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
        return indexes
    }
}
