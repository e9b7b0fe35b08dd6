internal import SQLite

/// Looks for one part of a question in the terms of an index.
struct TermScan {
    let part: IndexQuestion.Part
    /// Of the terms found.
    private(set) var rows: Bits
    private let numbers: [Int]
    /// Lists of rows to be read yet, of the block looked at last.
    private var places: [Int] = []

    init(_ part: IndexQuestion.Part, documentCount: Int) {
        self.part = part
        rows = Bits(limit: documentCount * 2)
        numbers = GramFilter.numbers(of: part.octets)
    }

    /// Whether this part is likely to exclude more than it costs, when others left so many documents: a short one is in
    /// every block of terms, and a few messages are soon read.
    func isWorthwhile(amongDocuments count: Int) -> Bool { !numbers.isEmpty && count > 64 }

    /// Looks through one segment, until `isEnough`.
    mutating func scan(
        _ segment: Int64, blockCount: Int, _ lists: inout RowListReader, _ connection: ReadConnection,
        isEnough: (Bits) -> Bool
    ) throws {
        for start in stride(from: 0, to: blockCount, by: GramFilter.groupBlocks) where !isEnough(rows) {
            let count = min(GramFilter.groupBlocks, blockCount - start)
            let group = start / GramFilter.groupBlocks
            let isFiltered = !numbers.isEmpty && blockCount >= GramFilter.blocksMin
            let blocks =
                isFiltered
                ? try GramFilter.blocks(numbers, segment, group: group, blocks: count, connection) : Array(0..<count)
            var next = blocks[...]
            while let first = next.first {
                // Blocks side by side are read with one statement.
                let run = next.prefix { $0 - first < Self.runBlocks }
                next = next.dropFirst(run.count)
                let isClose = run.count * 2 >= (run.last ?? first) - first + 1
                for range in isClose ? [first...(run.last ?? first)] : run.map({ $0...$0 }) {
                    try scanBlocks(segment, start + range.lowerBound...start + range.upperBound, &lists, connection)
                }
                // A letter that is in every message is in the first terms already.
                if isEnough(rows) { return }
            }
        }
    }

    private static let runBlocks = 64

    private mutating func scanBlocks(
        _ segment: Int64, _ blocks: ClosedRange<Int>, _ lists: inout RowListReader, _ connection: ReadConnection
    ) throws {
        var count = 0
        try connection.query(
            "SELECT terms FROM term_block WHERE piece_id BETWEEN ? AND ?",
            .integer(PieceID.make(segment, blocks.lowerBound)), .integer(PieceID.make(segment, blocks.upperBound))
        ) { row in
            count += 1
            places.removeAll(keepingCapacity: true)
            try row.withOctets(0) { try scan($0) }
            for place in places { try lists.forEach(segment, at: place) { rows.insert(Int($0)) } }
        }
        guard count == blocks.count else { throw IndexDamage("a block of terms is missing") }
    }

    /// Notes the rows of the terms in one block.
    private mutating func scan(_ block: UnsafeRawBufferPointer) throws {
        var position = 0
        while let found = block.firstOffset(of: part.octets, from: position) {
            let end = TermEntry.end(of: found, in: block)
            guard
                !part.isEnd || end == found + part.octets.count,
                !part.isStart || TermEntry.start(of: found, in: block) == found
            else {
                // It may stand in the same term once more.
                position = found + 1
                continue
            }
            position = end
            switch TermEntry.rows(block, &position) {
            case .one(let row): rows.insert(Int(row))
            case .list(let place): places.append(place)
            case nil: throw IndexDamage("a list of terms cannot be read")
            }
        }
    }
}
