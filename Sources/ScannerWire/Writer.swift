// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later

/// Writes little-endian integers and counted octets. What exceeds a bound makes the whole datagram unsendable.
struct Writer {
    private(set) var octets: [UInt8] = []
    private(set) var isWithinBounds = true

    init(kind: UInt8, id: UInt32) {
        octets.reserveCapacity(64)
        integer(Bounds.version)
        integer(kind)
        integer(id)
    }

    mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { octets.append(contentsOf: $0) }
    }

    mutating func counted(_ bytes: [UInt8], max: Int) {
        guard bytes.count <= max else { return isWithinBounds = false }
        integer(UInt16(truncatingIfNeeded: bytes.count))
        octets.append(contentsOf: bytes)
    }

    mutating func name(_ text: String, max: Int = Bounds.nameOctetsMax) {
        counted(Array(text.utf8), max: max)
    }

    /// Text for people: cut at the bound.
    mutating func text(_ text: String) {
        counted(Array(text.utf8.prefix(Bounds.textOctetsMax)), max: Bounds.textOctetsMax)
    }

    mutating func list<Element>(_ elements: [Element], max: Int, _ write: (inout Writer, Element) -> Void) {
        guard elements.count <= max else { return isWithinBounds = false }
        integer(UInt16(truncatingIfNeeded: elements.count))
        for element in elements { write(&self, element) }
    }

    /// The datagram, or nil when a bound was exceeded.
    var datagram: [UInt8]? {
        isWithinBounds && octets.count <= Bounds.datagramOctetsMax ? octets : nil
    }
}
