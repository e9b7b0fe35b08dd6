import COpenSSL

/// SHA-512 (FIPS 180-4), for TLSA records that ask for it.
public enum SHA512 {
    /// 64 octets.
    public static func hash(_ octets: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        let isDone = EVP_Digest(octets, octets.count, &digest, &count, EVP_sha512(), nil) == 1
        precondition(isDone && count == 64, "no SHA-512 in libcrypto")
        return digest
    }
}
