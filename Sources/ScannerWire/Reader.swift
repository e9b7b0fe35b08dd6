// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later

/// What was read is not a datagram of these words.
struct Malformed: Error {}

/// Reads what `Writer` wrote; total: any octets give a value or `Malformed`.
struct Reader {
    private let octets: [UInt8]
    private var position = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    var isAtEnd: Bool { position == octets.count }

    mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(Malformed) -> Value {
        let width = Value.bitWidth / 8
        guard octets.count - position >= width else { throw Malformed() }
        var value: Value = 0
        for index in 0..<width { value |= Value(truncatingIfNeeded: octets[position + index]) << (8 * index) }
        position += width
        return value
    }

    mutating func counted(max: Int) throws(Malformed) -> [UInt8] {
        let count = Int(try integer(UInt16.self))
        guard count <= max, octets.count - position >= count else { throw Malformed() }
        defer { position += count }
        return Array(octets[position..<position + count])
    }

    /// Octets that are not UTF-8 are replaced: names and texts are shown and compared, never executed.
    mutating func text(max: Int = Bounds.textOctetsMax) throws(Malformed) -> String {
        String(decoding: try counted(max: max), as: UTF8.self)
    }

    mutating func list<Element>(
        max: Int, _ read: (inout Reader) throws(Malformed) -> Element
    ) throws(Malformed) -> [Element] {
        let count = Int(try integer(UInt16.self))
        guard count <= max else { throw Malformed() }
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    /// Version, kind and id, the head of every datagram.
    mutating func head() throws(Malformed) -> (kind: UInt8, id: UInt32) {
        guard octets.count <= Bounds.datagramOctetsMax, try integer(UInt8.self) == Bounds.version else {
            throw Malformed()
        }
        return (try integer(UInt8.self), try integer(UInt32.self))
    }
}
