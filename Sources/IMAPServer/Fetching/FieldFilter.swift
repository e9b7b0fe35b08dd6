import Glibc

/// Chooses header fields by name in one pass over their lines, without a value made of any.
///
/// What it finds is what `MIME.Header.lines(named:)` gives for the same octets.
struct FieldFilter: Sendable {
    /// Lower case.
    private let names: [[UInt8]]
    /// A bit for each length that a name has.
    private let lengths: UInt64

    /// Nil for a name that is longer than 63 octets.
    init?(_ wanted: [String]) {
        names = Array(Set(wanted.map { $0.utf8.map(Self.lowered) }))
        guard names.allSatisfy({ (1...63).contains($0.count) }) else { return nil }
        lengths = names.reduce(0) { $0 | 1 << UInt64($1.count) }
    }

    /// Appends the places of the wanted fields, in their order; fields that follow one another are one place.
    ///
    /// - Returns: how many octets they are together.
    func find(in octets: UnsafeRawBufferPointer, into places: inout [Range<Int>]) -> Int {
        var total = 0
        var start = 0
        var open: Range<Int>?
        while start < octets.count, octets[start] != 0x0a, octets[start] != 0x0d {
            var end = Self.lineEnd(behind: start, octets)
            // RFC 5322 §2.2.3: a line that begins with a blank belongs to the field before it.
            while end < octets.count, octets[end] == 0x20 || octets[end] == 0x09 {
                end = Self.lineEnd(behind: end, octets)
            }
            if isWanted(octets, start, end) {
                total += end - start
                open = (open?.lowerBound ?? start)..<end
            } else if let range = open {
                places.append(range)
                open = nil
            }
            start = end
        }
        if let open { places.append(open) }
        return total
    }

    private func isWanted(_ octets: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
        // A name of 63 octets may have blanks before its colon (RFC 5322 §4.5.8); more of them are not worth the search.
        let limit = min(end, start + 96)
        var colon = start
        while colon < limit, octets[colon] != 0x3a { colon += 1 }
        guard colon < limit else { return false }
        var length = colon - start
        while length > 0, octets[start + length - 1] == 0x20 || octets[start + length - 1] == 0x09 { length -= 1 }
        guard length < 64, lengths & 1 << UInt64(length) != 0 else { return false }
        return names.contains { name in
            guard name.count == length else { return false }
            var index = 0
            while index < length, Self.lowered(octets[start + index]) == name[index] { index += 1 }
            return index == length
        }
    }

    private static func lineEnd(behind start: Int, _ octets: UnsafeRawBufferPointer) -> Int {
        guard let base = octets.baseAddress, let found = memchr(base + start, 0x0a, octets.count - start) else {
            return octets.count
        }
        return base.distance(to: UnsafeRawPointer(found)) + 1
    }

    private static func lowered(_ octet: UInt8) -> UInt8 { octet &- 0x41 < 26 ? octet | 0x20 : octet }
}
