/// A term in a segment's list of terms, with where its rows are.
///
///     list  = *(term rows)                                       ; in the order of the terms' octets
///     term  = 1*(%x30-39 / %x61-7A / %x80-FF)
///     rows  = *%x00-0F last                                      ; a number to base 16, the lowest digit first
///     last  = %x10-1F                                            ; it is the one row that has the term
///           / %x20-2F                                            ; it is the place of a list of rows (`RowList`)
///
/// What is no term is below %x30, so that one search for octets through the whole list finds every term that holds them.
enum TermEntry {
    enum Rows: Equatable {
        case one(UInt32)
        /// Octets from the start of the segment's lists.
        case list(Int)
    }

    static let termMin: UInt8 = 0x30

    static func append(_ term: UnsafeRawBufferPointer, _ rows: Rows, to list: inout [UInt8]) {
        list.append(contentsOf: term)
        switch rows {
        case .one(let row): append(Int(row), last: 0x10, to: &list)
        case .list(let place): append(place, last: 0x20, to: &list)
        }
    }

    private static func append(_ number: Int, last: UInt8, to list: inout [UInt8]) {
        var rest = number
        while rest >= 16 {
            list.append(UInt8(truncatingIfNeeded: rest & 15))
            rest >>= 4
        }
        list.append(last | UInt8(truncatingIfNeeded: rest))
    }

    /// Reads what stands behind a term; `position` moves to the next term. Nil when the list is damaged.
    static func rows(_ list: UnsafeRawBufferPointer, _ position: inout Int) -> Rows? {
        var number = 0
        var shift = 0
        while position < list.count, shift <= 56 {
            let octet = list[position]
            position += 1
            number |= Int(octet & 15) << shift
            shift += 4
            switch octet {
            case 0x00..<0x10: continue
            case 0x10..<0x20: return UInt32(exactly: number).map { .one($0) }
            case 0x20..<0x30: return .list(number)
            default: return nil
            }
        }
        return nil
    }

    /// Where the term begins that the octet at `position` belongs to.
    static func start(of position: Int, in list: UnsafeRawBufferPointer) -> Int {
        var start = position
        while start > 0, list[start - 1] >= termMin { start -= 1 }
        return start
    }

    /// Where the term ends that the octet at `position` belongs to.
    static func end(of position: Int, in list: UnsafeRawBufferPointer) -> Int {
        var end = position
        while end < list.count, list[end] >= termMin { end += 1 }
        return end
    }
}
