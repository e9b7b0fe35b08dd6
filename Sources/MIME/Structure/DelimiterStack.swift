/// The boundaries of the multiparts that are open, outermost first.
struct DelimiterStack {
    struct Match {
        var level: Int
        /// `--boundary--`
        var isClose: Bool
    }

    private struct Boundary {
        var octets: [UInt8]
        var hash: UInt64
    }

    private var boundaries: [Boundary] = []
    private var lengthMin = Int.max
    private var lengthMax = 0

    /// RFC 2046 §5.1.1 allows 70 octets; longer ones occur.
    static let boundaryOctetsMax = 512

    var isEmpty: Bool { boundaries.isEmpty }

    /// Its level, or nil when no line can be its delimiter.
    mutating func push(_ boundary: [UInt8]) -> Int? {
        var octets = boundary
        // RFC 2046 §5.1.1: blanks at the end of a delimiter line are not of the boundary.
        while octets.last?.isBlank == true { octets.removeLast() }
        guard (1...Self.boundaryOctetsMax).contains(octets.count) else { return nil }
        boundaries.append(Boundary(octets: octets, hash: octets.withUnsafeBytes { Self.hash($0) }))
        measure()
        return boundaries.count - 1
    }

    mutating func pop(to level: Int) {
        boundaries.removeLast(max(0, boundaries.count - level))
        measure()
    }

    private mutating func measure() {
        lengthMin = boundaries.reduce(Int.max) { min($0, $1.octets.count) }
        lengthMax = boundaries.reduce(0) { max($0, $1.octets.count) }
    }

    /// Compares a line behind its "--" with all boundaries; the innermost of equal ones wins.
    func match(_ view: Octets, _ line: Range<Int>) -> Match? {
        var end = line.upperBound
        while end > line.lowerBound, view[end - 1].isBlank { end -= 1 }
        let range = line.lowerBound..<end
        if let level = level(view, range) { return Match(level: level, isClose: false) }
        guard range.count > 2, view[end - 1] == UInt8(ascii: "-"), view[end - 2] == UInt8(ascii: "-") else {
            return nil
        }
        return level(view, range.lowerBound..<end - 2).map { Match(level: $0, isClose: true) }
    }

    private func level(_ view: Octets, _ range: Range<Int>) -> Int? {
        guard range.count >= lengthMin, range.count <= lengthMax else { return nil }
        let octets = view[range]
        let hash = Self.hash(octets)
        return boundaries.lastIndex { boundary in
            boundary.hash == hash && boundary.octets.count == octets.count && boundary.octets.elementsEqual(octets)
        }
    }

    /// FNV-1a. Someone may make boundaries that collide; that costs him a comparison each, at most 100 a line.
    private static func hash(_ octets: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for octet in octets { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3 }
        return hash
    }
}
