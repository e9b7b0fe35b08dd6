import COpenSSL

/// Base64 with padding and without line ends (RFC 4648 §4), for keys and digests in our own files and records.
public enum Base64 {
    public static func encode(_ octets: [UInt8]) -> String {
        // EVP_EncodeBlock ends its output with a NUL, which is not part of the count it returns.
        String(unsafeUninitializedCapacity: (octets.count + 2) / 3 * 4 + 1) { buffer in
            Int(EVP_EncodeBlock(buffer.baseAddress, octets, Int32(octets.count)))
        }
    }

    /// Nil for what `encode` does not write: other characters, white space, wrong padding.
    public static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count <= Int(Int32.max), digits.count % 4 == 0 else { return nil }
        let padding = digits.suffix(2).count { $0 == UInt8(ascii: "=") }
        // EVP_DecodeBlock trims white space and counts the padding as octets: both are settled here.
        var octets = [UInt8](repeating: 0, count: digits.count / 4 * 3)
        guard digits.isEmpty || EVP_DecodeBlock(&octets, digits, Int32(digits.count)) == octets.count else {
            return nil
        }
        octets.removeLast(min(padding, octets.count))
        return encode(octets) == text ? octets : nil
    }
}
