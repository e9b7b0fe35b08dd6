internal import SQLite

/// The rows that have one term: how many, and the distance of each from the one before, in groups of 7 bits, the lowest
/// first, with the eighth bit set where one more follows. All lists of a segment are one stream of octets.
enum RowList {
    /// The stream is stored in pieces of this length.
    static let pieceOctets = 16_384

    static func append(_ rows: [UInt32], to stream: inout [UInt8]) {
        append(rows.count, to: &stream)
        var previous: UInt32 = 0
        for row in rows {
            append(Int(row &- previous), to: &stream)
            previous = row
        }
    }

    private static func append(_ number: Int, to stream: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            stream.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        stream.append(UInt8(truncatingIfNeeded: rest))
    }
}

/// Reads the lists of one segment after another.
struct RowListReader {
    private let connection: ReadConnection
    private let documentCount: Int
    private var segment: Int64 = -1
    private var pieceIndex = -1
    private var piece: [UInt8] = []
    private var position = 0

    /// - Parameter documentCount: rows of other documents are taken for damage.
    init(_ connection: ReadConnection, documentCount: Int) {
        self.connection = connection
        self.documentCount = documentCount
    }

    /// Hands over the rows of the list at that place, ascending.
    mutating func forEach(_ segment: Int64, at place: Int, _ body: (UInt32) -> Void) throws {
        try seek(segment, place / RowList.pieceOctets)
        position = place % RowList.pieceOctets
        let count = try number()
        var row = 0
        for _ in 0..<count {
            row += try number()
            guard row < documentCount * 2 else { throw IndexDamage("a row out of range") }
            body(UInt32(truncatingIfNeeded: row))
        }
    }

    private mutating func seek(_ segment: Int64, _ index: Int) throws {
        guard segment != self.segment || index != pieceIndex else { return }
        let found = try connection.first(
            "SELECT octets FROM row_piece WHERE piece_id = ?", .integer(PieceID.make(segment, index))
        ) { $0.octets(0) }
        guard let found else { throw IndexDamage("a list of rows is missing") }
        self.segment = segment
        pieceIndex = index
        piece = found
        position = 0
    }

    @inline(__always)
    private mutating func number() throws -> Int {
        var number = 0
        var shift = 0
        while shift <= 35 {
            if position >= piece.count { try seek(segment, pieceIndex + 1) }
            guard position < piece.count else { break }
            let octet = piece[position]
            position += 1
            number |= Int(octet & 0x7f) << shift
            if octet < 0x80 { return number }
            shift += 7
        }
        throw IndexDamage("a list of rows cannot be read")
    }
}

/// The file does not hold what it must: it is made anew.
struct IndexDamage: Error {
    var detail: String

    init(_ detail: String) { self.detail = detail }

    static func detail(of error: any Error) -> String {
        (error as? IndexDamage)?.detail ?? (error as? DatabaseError)?.diagnostic ?? "\(error)"
    }

    /// Whether an error tells of the file, and not of the disk or of others that use it.
    static func isIn(_ error: any Error) -> Bool {
        switch error {
        case DatabaseError.busy, DatabaseError.closed, DatabaseError.diskFull: false
        default: error is IndexDamage || error is DatabaseError
        }
    }
}
