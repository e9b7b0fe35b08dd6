internal import SQLite

/// Writes one segment: its terms in their order, each with its rows.
struct SegmentWriter {
    private let transaction: WriteTransaction
    private let segment: Int64
    private var block: [UInt8] = []
    private var blocks = 0
    private var filter = GramFilterWriter()
    private var lists: [UInt8] = []
    private var listPieces = 0

    /// Two of them fill a page. A term may stand across this.
    static let blockOctets = 3_700

    init(_ segment: Int64, _ transaction: WriteTransaction) {
        self.segment = segment
        self.transaction = transaction
        block.reserveCapacity(Self.blockOctets + 512)
    }

    /// - Parameters:
    ///   - term: behind the one before.
    ///   - rows: one or more, ascending.
    mutating func add(_ term: UnsafeRawBufferPointer, _ rows: [UInt32]) throws {
        filter.add(term, block: blocks % GramFilter.groupBlocks)
        if rows.count == 1 {
            TermEntry.append(term, .one(rows[0]), to: &block)
        } else {
            TermEntry.append(term, .list(listPieces * RowList.pieceOctets + lists.count), to: &block)
            RowList.append(rows, to: &lists)
            while lists.count >= RowList.pieceOctets { try writeLists(RowList.pieceOctets) }
        }
        if block.count >= Self.blockOctets { try writeBlock() }
    }

    /// Writes what is left, and the row of the segment itself.
    mutating func finish(level: Int) throws {
        if !block.isEmpty { try writeBlock() }
        if !lists.isEmpty { try writeLists(lists.count) }
        let rest = blocks % GramFilter.groupBlocks
        if rest > 0, blocks >= GramFilter.blocksMin {
            try filter.write(segment, group: blocks / GramFilter.groupBlocks, blocks: rest, transaction)
        }
        try transaction.execute(
            "INSERT INTO segment VALUES (?, ?, ?)", .integer(segment),
            .integer(max(level, SegmentLevels.level(blocks: blocks))), .integer(blocks))
    }

    private mutating func writeBlock() throws {
        try transaction.execute(
            "INSERT INTO term_block VALUES (?, ?)", .integer(PieceID.make(segment, blocks)), .blob(block))
        blocks += 1
        block.removeAll(keepingCapacity: true)
        if blocks % GramFilter.groupBlocks == 0 {
            try filter.write(
                segment, group: blocks / GramFilter.groupBlocks - 1, blocks: GramFilter.groupBlocks, transaction)
        }
    }

    private mutating func writeLists(_ count: Int) throws {
        try transaction.execute(
            "INSERT INTO row_piece VALUES (?, ?)", .integer(PieceID.make(segment, listPieces)),
            .blob(Array(lists.prefix(count))))
        listPieces += 1
        lists.removeFirst(count)
    }
}
