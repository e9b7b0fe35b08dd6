internal import SQLite

/// Segments of about one size are of one level; when there are enough of them they become one of the next.
enum SegmentLevels {
    /// That many of one level are merged, so that a search reads a common term a few times and not a thousand.
    static let fanOut = 8

    static func level(blocks: Int) -> Int {
        var level = 0
        var size = 4
        while size < blocks, level < 12 {
            size *= fanOut
            level += 1
        }
        return level
    }

    static func nextSegment(_ transaction: WriteTransaction) throws -> Int64 {
        (try transaction.integer("SELECT max(segment_id) FROM segment") ?? 0) + 1
    }

    /// Merges where there is enough to merge.
    static func merge(_ transaction: WriteTransaction) throws {
        while let level = try transaction.integer(
            "SELECT level FROM segment GROUP BY level HAVING count(*) >= ? ORDER BY level LIMIT 1", .integer(fanOut))
        {
            let segments = try transaction.all(
                "SELECT segment_id FROM segment WHERE level = ? ORDER BY segment_id", .integer(level)
            ) { $0.integer(0) }
            try merge(segments, level: Int(level) + 1, transaction)
        }
    }

    private static func merge(_ segments: [Int64], level: Int, _ transaction: WriteTransaction) throws {
        let documentCount = Int(try transaction.integer("SELECT documents FROM progress") ?? 0)
        var cursors: [SegmentCursor] = []
        for segment in segments {
            var cursor = SegmentCursor(segment, transaction, documentCount: documentCount)
            if try cursor.advance() { cursors.append(cursor) }
        }
        var writer = SegmentWriter(try nextSegment(transaction), transaction)
        var rows: [UInt32] = []
        while var lowest = cursors.indices.first {
            for index in cursors.indices.dropFirst() where cursors[index].isBefore(cursors[lowest]) { lowest = index }
            let term = cursors[lowest].term
            rows.removeAll(keepingCapacity: true)
            var isOver = false
            for index in cursors.indices where index >= lowest && cursors[index].term == term {
                try cursors[index].appendRows(to: &rows)
                if try !cursors[index].advance() { isOver = true }
            }
            if isOver { cursors.removeAll { $0.isAtEnd } }
            // Batches of different sizes come to one level out of their order.
            if zip(rows, rows.dropFirst()).contains(where: { $0 >= $1 }) { rows.sort() }
            try term.withUnsafeBytes { try writer.add($0, rows) }
        }
        try writer.finish(level: level)
        for segment in segments { try remove(segment, transaction) }
    }

    private static func remove(_ segment: Int64, _ transaction: WriteTransaction) throws {
        let pieces = PieceID.range(of: segment)
        try transaction.execute(
            "DELETE FROM term_block WHERE piece_id BETWEEN ? AND ?", .integer(pieces.lowerBound),
            .integer(pieces.upperBound))
        try transaction.execute(
            "DELETE FROM gram_piece WHERE piece_id BETWEEN ? AND ?", .integer(pieces.lowerBound),
            .integer(pieces.upperBound))
        try transaction.execute(
            "DELETE FROM row_piece WHERE piece_id BETWEEN ? AND ?", .integer(pieces.lowerBound),
            .integer(pieces.upperBound))
        try transaction.execute("DELETE FROM segment WHERE segment_id = ?", .integer(segment))
    }
}

/// Goes through the terms of one segment.
struct SegmentCursor {
    private let segment: Int64
    private let connection: ReadConnection
    private var lists: RowListReader
    private var blockIndex = -1
    private var block: [UInt8] = []
    private var position = 0
    private var place = TermEntry.Rows.one(0)
    private(set) var term: [UInt8] = []
    private(set) var isAtEnd = false

    init(_ segment: Int64, _ connection: ReadConnection, documentCount: Int) {
        self.segment = segment
        self.connection = connection
        lists = RowListReader(connection, documentCount: documentCount)
    }

    func isBefore(_ other: SegmentCursor) -> Bool {
        term.withUnsafeBytes { term in other.term.withUnsafeBytes { term.isBefore($0) } }
    }

    /// Goes on to the next term. False behind the last.
    mutating func advance() throws -> Bool {
        if position >= block.count {
            blockIndex += 1
            position = 0
            block =
                try connection.first(
                    "SELECT terms FROM term_block WHERE piece_id = ?", .integer(PieceID.make(segment, blockIndex))
                ) { $0.octets(0) } ?? []
            guard !block.isEmpty else {
                isAtEnd = true
                return false
            }
        }
        let found = block.withUnsafeBytes { list -> TermEntry.Rows? in
            let end = TermEntry.end(of: position, in: list)
            term.removeAll(keepingCapacity: true)
            term.append(contentsOf: list[position..<end])
            position = end
            return TermEntry.rows(list, &position)
        }
        guard let found, !term.isEmpty else { throw IndexDamage("a list of terms cannot be read") }
        place = found
        return true
    }

    /// Reads all terms and rows of a segment.
    static func verify(_ segment: Int64, blocks: Int, _ connection: ReadConnection, documentCount: Int) throws {
        var cursor = SegmentCursor(segment, connection, documentCount: documentCount)
        var last: [UInt8] = []
        var rows: [UInt32] = []
        while try cursor.advance() {
            let isBehind = last.withUnsafeBytes { last in cursor.term.withUnsafeBytes { last.isBefore($0) } }
            rows.removeAll(keepingCapacity: true)
            try cursor.appendRows(to: &rows)
            guard isBehind, !rows.isEmpty, zip(rows, rows.dropFirst()).allSatisfy({ $0 < $1 }),
                Int(rows.last ?? 0) < documentCount * 2
            else { throw IndexDamage("terms or rows are out of order") }
            last = cursor.term
        }
        guard cursor.blockIndex == blocks else { throw IndexDamage("a block of terms is missing") }
    }

    /// Adds the rows of the term.
    mutating func appendRows(to rows: inout [UInt32]) throws {
        switch place {
        case .one(let row): rows.append(row)
        case .list(let place): try lists.forEach(segment, at: place) { rows.append($0) }
        }
    }
}
