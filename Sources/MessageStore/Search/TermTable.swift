internal import Glibc

/// The terms of a batch of messages, with the rows in which each is.
///
/// A row is one of the two texts of a message (`IndexRow`); rows come in ascending order.
struct TermTable {
    private struct Term {
        var offset: UInt32
        var length: UInt16
        var hash: UInt32
        var lastRow: UInt32
        /// The newest of its places, as a position in `places`.
        var lastPlace: UInt32
        var rowCount: UInt32
    }

    /// One row of one term, and the place of the row before.
    private struct Place {
        var row: UInt32
        var previous: UInt32
    }

    private static let none = UInt32.max

    private var octets: [UInt8] = []
    private var terms: [Term] = []
    private var places: [Place] = []
    /// Positions in `terms`, by hash; a power of two of them, at most half of them taken.
    private var slots = [UInt32](repeating: none, count: 8_192)
    /// Not known to who writes mail, so that nobody can make terms that collide.
    private let seed = UInt64.random(in: .min ... .max)

    var isEmpty: Bool { terms.isEmpty }

    var termCount: Int { terms.count }

    var placeCount: Int { places.count }

    /// Notes that the term is in the row.
    mutating func add(_ term: UnsafeRawBufferPointer, row: UInt32) {
        let hash = hash(term)
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != Self.none {
            let index = Int(slots[slot])
            if terms[index].hash == hash, isEqual(terms[index], term) {
                guard terms[index].lastRow != row else { return }
                places.append(Place(row: row, previous: terms[index].lastPlace))
                terms[index].lastRow = row
                terms[index].lastPlace = UInt32(truncatingIfNeeded: places.count - 1)
                terms[index].rowCount += 1
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = UInt32(truncatingIfNeeded: terms.count)
        places.append(Place(row: row, previous: Self.none))
        terms.append(
            Term(
                offset: UInt32(truncatingIfNeeded: octets.count), length: UInt16(truncatingIfNeeded: term.count),
                hash: hash, lastRow: row, lastPlace: UInt32(truncatingIfNeeded: places.count - 1), rowCount: 1))
        octets.append(contentsOf: term)
        if terms.count * 2 > slots.count { grow() }
    }

    /// Hands over all terms in the order of their octets, each with its rows in ascending order.
    func forEachSorted(_ body: (UnsafeRawBufferPointer, [UInt32]) throws -> Void) throws {
        try octets.withUnsafeBytes { octets in
            func text(_ term: Term) -> UnsafeRawBufferPointer {
                let start = Int(term.offset)
                return UnsafeRawBufferPointer(rebasing: octets[start..<start + Int(term.length)])
            }
            // The first octets as a number decide nearly always.
            var order = terms.indices.map { (key: Self.key(text(terms[$0])), index: $0) }
            order.sort {
                $0.key != $1.key ? $0.key < $1.key : text(terms[$0.index]).isBefore(text(terms[$1.index]))
            }
            var rows: [UInt32] = []
            for (_, index) in order {
                rows.removeAll(keepingCapacity: true)
                var place = terms[index].lastPlace
                while place != Self.none {
                    rows.append(places[Int(place)].row)
                    place = places[Int(place)].previous
                }
                rows.reverse()
                try body(text(terms[index]), rows)
            }
        }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: Self.none, count: slots.count * 2)
        for (index, term) in terms.enumerated() {
            var slot = Int(term.hash) & (slots.count - 1)
            while slots[slot] != Self.none { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(truncatingIfNeeded: index)
        }
    }

    private func isEqual(_ known: Term, _ term: UnsafeRawBufferPointer) -> Bool {
        guard Int(known.length) == term.count, let base = term.baseAddress else { return false }
        return octets.withUnsafeBytes { octets in
            guard let all = octets.baseAddress else { return false }
            return memcmp(all + Int(known.offset), base, term.count) == 0
        }
    }

    private func hash(_ term: UnsafeRawBufferPointer) -> UInt32 {
        var hash = seed ^ UInt64(truncatingIfNeeded: term.count)
        var position = 0
        while position + 8 <= term.count {
            hash = Self.mixed(hash, term.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
        }
        var rest: UInt64 = 0
        while position < term.count {
            rest = rest << 8 | UInt64(term[position])
            position += 1
        }
        hash = Self.mixed(hash, rest)
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }

    @inline(__always)
    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }

    private static func key(_ term: UnsafeRawBufferPointer) -> UInt64 {
        if term.count >= 8 { return term.loadUnaligned(as: UInt64.self).bigEndian }
        var key: UInt64 = 0
        for index in 0..<8 { key = key << 8 | (index < term.count ? UInt64(term[index]) : 0) }
        return key
    }
}

extension UnsafeRawBufferPointer {
    /// In the order of octets, the shorter of two that begin alike first.
    func isBefore(_ other: UnsafeRawBufferPointer) -> Bool {
        guard let base = baseAddress, let otherBase = other.baseAddress else { return count < other.count }
        let order = memcmp(base, otherBase, Swift.min(count, other.count))
        return order != 0 ? order < 0 : count < other.count
    }
}
