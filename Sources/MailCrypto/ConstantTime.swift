import COpenSSL

/// Comparison whose time tells nothing of where two secrets differ.
public enum ConstantTime {
    /// Lengths are no secret: unequal ones end at once.
    public static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.withUnsafeBytes { left in right.withUnsafeBytes { isEqual(left, $0) } }
    }

    public static func isEqual(_ left: SHA256.Digest, _ right: SHA256.Digest) -> Bool {
        left.withUnsafeBytes { left in right.withUnsafeBytes { isEqual(left, $0) } }
    }

    private static func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        return left.count == 0 || CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
    }
}
