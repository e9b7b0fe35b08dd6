internal import SQLite

/// Which blocks of a segment's terms may hold a needle: for each sequence of three octets the blocks that have it.
///
/// A sequence counts under one of 8,192 numbers; so a block may be named without need, and none is passed by. The terms of
/// real mail are mostly numbers and signatures that nobody looks for: without this every search would read all of them.
///
/// Blocks are taken in groups. For each number there is a row of bits, one a block; the rows of a group are stored in
/// `gram_piece`, `rowsInPiece` of them in each.
enum GramFilter {
    static let numberBits = 13
    static let numbers = 1 << numberBits
    /// A segment of fewer blocks has none: they are read.
    static let blocksMin = 16
    static let groupBlocks = 1_024
    static let rowsInPiece = 128
    static let pieces = numbers / rowsInPiece

    /// More of a needle exclude little more.
    private static let gramsMax = 8

    static func rowOctets(blocks: Int) -> Int { (blocks + 7) / 8 }

    @inline(__always)
    static func number(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Int {
        let gram = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16
        return Int((gram &* 0x9e37_79b1) >> UInt32(32 - numberBits))
    }

    /// The numbers of a needle; none for one that is too short.
    static func numbers(of needle: [UInt8]) -> [Int] {
        guard needle.count >= 3 else { return [] }
        let all = (0...(needle.count - 3)).map { number(needle[$0], needle[$0 + 1], needle[$0 + 2]) }
        return Array(Set(all).sorted().prefix(gramsMax))
    }

    /// The blocks of a group that may hold terms with all of these.
    ///
    /// - Parameters:
    ///   - numbers: one or more.
    ///   - blocks: of this group.
    static func blocks(
        _ numbers: [Int], _ segment: Int64, group: Int, blocks: Int, _ connection: ReadConnection
    ) throws -> [Int] {
        let width = rowOctets(blocks: blocks)
        var common = [UInt8](repeating: 0xff, count: width)
        for number in numbers {
            let piece = PieceID.make(segment, group * pieces + number / rowsInPiece)
            let start = number % rowsInPiece * width
            let isThere = try connection.first(
                "SELECT bits FROM gram_piece WHERE piece_id = ?", .integer(piece)
            ) { row in
                row.withOctets(0) { bits in
                    guard bits.count >= start + width else { return false }
                    for index in 0..<width { common[index] &= bits[start + index] }
                    return true
                }
            }
            guard isThere == true else { throw IndexDamage("a filter is missing") }
        }
        return (0..<blocks).filter { common[$0 >> 3] >> UInt8($0 & 7) & 1 == 1 }
    }
}

/// Makes the filter of one group.
struct GramFilterWriter {
    /// A row of bits for each number, as wide as a whole group needs.
    private var bits = [UInt8](repeating: 0, count: GramFilter.numbers * width)

    private static let width = GramFilter.rowOctets(blocks: GramFilter.groupBlocks)

    /// - Parameter block: within the group.
    mutating func add(_ term: UnsafeRawBufferPointer, block: Int) {
        guard term.count >= 3, block < GramFilter.groupBlocks else { return }
        let octet = block >> 3
        let bit: UInt8 = 1 << UInt8(block & 7)
        for index in 0...(term.count - 3) {
            bits[GramFilter.number(term[index], term[index + 1], term[index + 2]) * Self.width + octet] |= bit
        }
    }

    /// Writes the group, and is empty again.
    mutating func write(
        _ segment: Int64, group: Int, blocks: Int, _ transaction: WriteTransaction
    ) throws {
        let width = GramFilter.rowOctets(blocks: blocks)
        for piece in 0..<GramFilter.pieces {
            var rows: [UInt8] = []
            rows.reserveCapacity(GramFilter.rowsInPiece * width)
            for number in piece * GramFilter.rowsInPiece..<(piece + 1) * GramFilter.rowsInPiece {
                rows.append(contentsOf: bits[number * Self.width..<number * Self.width + width])
            }
            try transaction.execute(
                "INSERT INTO gram_piece VALUES (?, ?)",
                .integer(PieceID.make(segment, group * GramFilter.pieces + piece)), .blob(rows))
        }
        bits.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
    }
}
