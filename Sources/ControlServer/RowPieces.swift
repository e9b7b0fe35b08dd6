/// A listing cut into lines of the control socket.
enum RowPieces {
    /// Octets of cells in one piece: with JSON's escapes (at most six octets for one) far below a line's bound.
    static let octetsMax = 128 << 10

    static func split(_ rows: [[String?]]) -> [[[String?]]] {
        var pieces: [[[String?]]] = []
        var piece: [[String?]] = []
        var octets = 0
        for row in rows {
            let size = row.reduce(0) { $0 + 3 + ($1?.utf8.count ?? 4) }
            if octets + size > octetsMax, !piece.isEmpty {
                pieces.append(piece)
                piece = []
                octets = 0
            }
            piece.append(row)
            octets += size
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces
    }
}
