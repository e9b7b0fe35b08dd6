import NIOCore

extension ByteBuffer {
    /// Writes a number in decimal digits without making a text of it first: a listing has 200,000 of them.
    mutating func writeDecimal(_ number: UInt64) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 20) { place in
            var count = 1
            var rest = number / 10
            while rest > 0 {
                count += 1
                rest /= 10
            }
            rest = number
            for index in stride(from: count - 1, through: 0, by: -1) {
                place[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return count
        }
    }

    /// A line of a listing: the message's number and its size, or what stands for its end.
    mutating func writeScanListing(index: Int, octets: UInt32) {
        writeDecimal(UInt64(index + 1))
        writeInteger(UInt8(ascii: " "))
        writeDecimal(UInt64(octets))
        writeStaticString("\r\n")
    }
}
