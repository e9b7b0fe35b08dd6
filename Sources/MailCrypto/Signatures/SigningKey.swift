import COpenSSL

/// A private key for signatures over SHA-256 digests. No description or dump shows it.
public struct SigningKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// Bits of an RSA key that is made here; those that are read may have from 1,024 (RFC 8301 §3.2) to 4,096.
    public static let rsaBits = 2_048
    private static let rsaBitsRead = 1_024...4_096

    private let key: SharedKey

    public var kind: KeyKind { key.kind }
    /// Of RSA's modulus; 256 for Ed25519.
    public var bits: Int { key.bits }

    /// Makes a key. RSA takes a tenth of a second and sometimes a whole one: not for an event loop.
    public init(generating kind: KeyKind) throws(CertificateError) {
        let made = kind == .rsa ? postino_generate_rsa(Self.rsaBits) : postino_generate_ed25519()
        guard let made else { throw .ofLibrary("making a key") }
        key = try SharedKey(owning: made, rsaBits: Self.rsaBitsRead)
    }

    /// Reads the first private key of the text: PKCS #8, or PKCS #1 for RSA; without a pass phrase.
    public init(pem: String) throws(CertificateError) {
        key = try SharedKey(owning: PrivateKeyHandle(pem: pem).take(), rsaBits: Self.rsaBitsRead)
    }

    /// PKCS #8 without a pass phrase: whoever reads it can sign.
    public func pem() throws(CertificateError) -> String {
        let memory = try MemoryHandle()
        guard PEM_write_bio_PrivateKey(memory.pointer, key.pointer, nil, nil, 0, nil, nil) == 1 else {
            throw .ofLibrary("PEM_write_bio_PrivateKey")
        }
        return memory.text()
    }

    /// The public half: SubjectPublicKeyInfo as DER for RSA, 32 octets for Ed25519: what `VerifyingKey` takes.
    public func publicOctets() throws(CertificateError) -> [UInt8] {
        switch kind {
        case .rsa:
            let count = Int(i2d_PUBKEY(key.pointer, nil))
            guard count > 0 else { throw .ofLibrary("i2d_PUBKEY") }
            return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                var position = buffer.baseAddress
                initialized = max(0, Int(i2d_PUBKEY(key.pointer, &position)))
            }
        case .ed25519:
            var octets = [UInt8](repeating: 0, count: 32)
            var count = octets.count
            guard EVP_PKEY_get_raw_public_key(key.pointer, &octets, &count) == 1, count == octets.count else {
                throw .ofLibrary("EVP_PKEY_get_raw_public_key")
            }
            return octets
        }
    }

    /// The signature over a digest, always the same for the same digest. Takes about 1 ms with 2,048-bit RSA.
    public func sign(_ digest: SHA256.Digest) throws(CertificateError) -> [UInt8] {
        defer { ERR_clear_error() }
        var signature = [UInt8](repeating: 0, count: max(64, Int(EVP_PKEY_get_size(key.pointer))))
        var count = signature.count
        let isDone = digest.withUnsafeBytes { octets in
            guard let octets = octets.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
            return kind == .rsa ? signRSA(octets, &signature, &count) : signEd25519(octets, &signature, &count)
        }
        guard isDone, count <= signature.count else { throw .ofLibrary("signing") }
        signature.removeLast(signature.count - count)
        return signature
    }

    private func signRSA(_ digest: UnsafePointer<UInt8>, _ signature: inout [UInt8], _ count: inout Int) -> Bool {
        guard let context = EVP_PKEY_CTX_new(key.pointer, nil) else { return false }
        defer { EVP_PKEY_CTX_free(context) }
        return EVP_PKEY_sign_init(context) == 1
            && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
            && EVP_PKEY_CTX_set_signature_md(context, SHA256.algorithm) == 1
            && EVP_PKEY_sign(context, &signature, &count, digest, SHA256.Digest.octetsCount) == 1
    }

    private func signEd25519(_ digest: UnsafePointer<UInt8>, _ signature: inout [UInt8], _ count: inout Int) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestSignInit(context, nil, nil, nil, key.pointer) == 1
            && EVP_DigestSign(context, &signature, &count, digest, SHA256.Digest.octetsCount) == 1
    }

    public var description: String { "SigningKey(\(kind.rawValue), \(bits) bits)" }

    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
