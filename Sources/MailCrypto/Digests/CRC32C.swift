internal import CSys

/// CRC-32C (Castagnoli; RFC 3720 §12.1): finds what a disk or a cut write broke, not what a person changed.
public enum CRC32C {
    /// The checksum of `octets`; with `previous` that of what came before them and of them together.
    ///
    /// By the machine's instruction: tables would be out of the cache between two records.
    public static func checksum(_ octets: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
        csys_crc32c(previous, octets.baseAddress, octets.count)
    }

    public static func checksum(_ octets: [UInt8], continuing previous: UInt32 = 0) -> UInt32 {
        octets.withUnsafeBytes { checksum($0, continuing: previous) }
    }
}
