internal import MIME
internal import NIOCore

/// Messages on their way into an index: their terms, in memory.
struct IndexBatch {
    /// More terms than these of one message are not indexed; what it holds is then looked up in the message itself.
    static let termsMax = 65_536
    /// The same for octets of its text, folded.
    static let textOctetsMax = 2 << 20

    private(set) var table = TermTable()
    private(set) var messages: [Int64] = []
    /// Positions in `messages` of those that are not whole.
    private(set) var partial: [Int] = []
    private var pieces = SearchPieces()
    let firstDocument: Int

    /// No more is to be added.
    var isFull: Bool { table.termCount >= 400_000 || table.placeCount >= 2_000_000 }

    /// - Parameter firstDocument: the number of the first message that is added.
    init(firstDocument: Int) { self.firstDocument = firstDocument }

    /// Takes the terms of a message.
    ///
    /// - Parameters:
    ///   - id: above those before.
    ///   - prefix: the account's own header lines.
    ///   - body: the shared body, header and all.
    mutating func add(_ id: Int64, prefix: ByteBuffer, body: ByteBuffer) {
        let document = firstDocument + messages.count
        let message = MIME.Message(parsing: body)
        let own = Header(parsing: prefix)
        var pieces = SearchPieces()
        swap(&pieces, &self.pieces)
        var budget = Budget(octetsLeft: Self.textOctetsMax, placesMax: table.placeCount + Self.termsMax)
        let headerRow = IndexRow.make(document, .header)
        let isHeaderWhole =
            pieces.read(own) { take($0, headerRow, &budget) }
            && pieces.read(message.header) { take($0, headerRow, &budget) }
        let bodyRow = IndexRow.make(document, .body)
        let isBodyWhole = pieces.readBody(of: message, octetsMax: Self.textOctetsMax) { take($0, bodyRow, &budget) }
        swap(&pieces, &self.pieces)
        if !isHeaderWhole || !isBodyWhole || Self.hasLongText(message) {
            partial.append(messages.count)
        }
        messages.append(id)
    }

    private struct Budget {
        var octetsLeft: Int
        let placesMax: Int
    }

    /// False when there is more than may be.
    private mutating func take(_ piece: UnsafeRawBufferPointer, _ row: UInt32, _ budget: inout Budget) -> Bool {
        budget.octetsLeft -= piece.count
        guard budget.octetsLeft >= 0 else { return false }
        return Terms.forEach(in: piece) { term in
            table.add(term, row: row)
            return table.placeCount < budget.placesMax
        }
    }

    /// Of such a part not all was read.
    private static func hasLongText(_ message: MIME.Message) -> Bool {
        var isLong = false
        message.forEachPart { part in
            isLong = part.kind == .leaf && part.bodyOctets > textOctetsMax && SearchPieces.isText(part)
            return !isLong
        }
        return isLong
    }
}
