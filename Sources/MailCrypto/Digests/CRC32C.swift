/// CRC-32C (Castagnoli; RFC 3720 §12.1): finds what a disk or a cut write broke, not what a person changed.
public enum CRC32C {
    /// The checksum of `octets`; with `previous` that of what came before them and of them together.
    public static func checksum(_ octets: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
        // Slicing by 8: eight tables, so that eight octets cost eight independent look-ups.
        let table = UnsafePointer(tables)
        var crc = ~previous
        var index = 0
        while octets.count - index >= 8 {
            let word = UInt64(littleEndian: octets.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ UInt64(crc)
            let low = table[0x700 + Int(word & 0xff)] ^ table[0x600 + Int(word >> 8 & 0xff)]
            let lowMiddle = table[0x500 + Int(word >> 16 & 0xff)] ^ table[0x400 + Int(word >> 24 & 0xff)]
            let highMiddle = table[0x300 + Int(word >> 32 & 0xff)] ^ table[0x200 + Int(word >> 40 & 0xff)]
            let high = table[0x100 + Int(word >> 48 & 0xff)] ^ table[Int(word >> 56)]
            crc = low ^ lowMiddle ^ highMiddle ^ high
            index += 8
        }
        while index < octets.count {
            crc = table[Int((crc ^ UInt32(octets[index])) & 0xff)] ^ crc >> 8
            index += 1
        }
        return ~crc
    }

    public static func checksum(_ octets: [UInt8], continuing previous: UInt32 = 0) -> UInt32 {
        octets.withUnsafeBytes { checksum($0, continuing: previous) }
    }

    /// Eight tables of 256. Never written after it was made, and never freed.
    nonisolated(unsafe) private static let tables: UnsafeMutablePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for octet in 0..<256 {
            var crc = UInt32(octet)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
            tables[octet] = crc
        }
        for index in 256..<8 * 256 {
            let shorter = tables[index - 256]
            tables[index] = tables[Int(shorter & 0xff)] ^ shorter >> 8
        }
        return tables
    }()
}
