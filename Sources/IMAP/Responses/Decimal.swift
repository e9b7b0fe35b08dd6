/// Numbers as digits, without a String.
enum Decimal {
    /// Of a UInt64.
    static let digitsMax = 20

    /// Writes the digits from `start` on, where `digitsMax` octets must be free; returns how many they are.
    @inline(__always)
    static func write(_ value: UInt64, to octets: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
        var count = 1
        var bound: UInt64 = 10
        while count < digitsMax, value >= bound {
            count += 1
            bound = count < digitsMax ? bound &* 10 : .max
        }
        var rest = value
        var position = start + count
        repeat {
            position -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            octets[position] = UInt8(truncatingIfNeeded: digit) | 0x30
            rest = quotient
        } while position > start
        return count
    }
}
