import COpenSSL

/// A public key that signatures over SHA-256 digests are checked with.
public struct VerifyingKey: Sendable {
    /// RFC 8301 §3.2: up to 4,096 must be taken; each doubling makes a check four times as dear.
    public static let rsaBitsMax = 8_192

    private let key: SharedKey

    public var kind: KeyKind { key.kind }
    /// Of RSA's modulus, however few; 256 for Ed25519.
    public var bits: Int { key.bits }

    /// Takes an RSA key as DER: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), which everybody publishes, or RSAPublicKey
    /// (RFC 8017 A.1.1), which RFC 6376 §3.6.1 names.
    public init(rsa der: [UInt8]) throws(CertificateError) {
        defer { ERR_clear_error() }
        let numbers = try RSAPublicKey(der: der)
        guard numbers.bits <= Self.rsaBitsMax else { throw .unsuitableKey("\(numbers.bits)-bit RSA") }
        key = try SharedKey(owning: numbers.pointer(), rsaBits: 1...Self.rsaBitsMax)
    }

    /// Takes the 32 octets of an Ed25519 key (RFC 8032 §5.1.5).
    public init(ed25519 octets: [UInt8]) throws(CertificateError) {
        defer { ERR_clear_error() }
        guard octets.count == 32,
            let pointer = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, octets, octets.count)
        else { throw .malformedPublicKey }
        key = try SharedKey(owning: pointer, rsaBits: 1...1)
    }

    /// Was `signature` made over this digest with the private half? Takes about 30 µs for 2,048-bit RSA and 100 µs for
    /// Ed25519.
    public func isValid(_ signature: [UInt8], for digest: SHA256.Digest) -> Bool {
        defer { ERR_clear_error() }
        return digest.withUnsafeBytes { octets in
            guard let octets = octets.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
            return key.kind == .rsa ? isValidRSA(signature, octets) : isValidEd25519(signature, octets)
        }
    }

    private func isValidRSA(_ signature: [UInt8], _ digest: UnsafePointer<UInt8>) -> Bool {
        guard let context = EVP_PKEY_CTX_new(key.pointer, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        return EVP_PKEY_verify_init(context) == 1
            && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
            && EVP_PKEY_CTX_set_signature_md(context, SHA256.algorithm) == 1
            && EVP_PKEY_verify(context, signature, signature.count, digest, SHA256.Digest.octetsCount) == 1
    }

    private func isValidEd25519(_ signature: [UInt8], _ digest: UnsafePointer<UInt8>) -> Bool {
        guard signature.count == 64, let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer) == 1
            && EVP_DigestVerify(context, signature, signature.count, digest, SHA256.Digest.octetsCount) == 1
    }
}
