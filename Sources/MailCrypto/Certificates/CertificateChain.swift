import COpenSSL

/// Judges certificates in DER form by another anchor than the system's: for DANE (RFC 7672).
public enum CertificateChain {
    /// Certificates that are looked at of one chain.
    private static let lengthMax = 16

    /// The subjectPublicKeyInfo of a certificate, as DER.
    public static func publicKey(of certificate: [UInt8]) throws(CertificateError) -> [UInt8] {
        let handle = try CertificateHandle(der: certificate)
        defer { ERR_clear_error() }
        guard let key = X509_get_X509_PUBKEY(handle.pointer) else { throw .malformedCertificate }
        let count = Int(i2d_X509_PUBKEY(key, nil))
        guard count > 0 else { throw .malformedCertificate }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var position = buffer.baseAddress
            initialized = max(0, Int(i2d_X509_PUBKEY(key, &position)))
        }
    }

    /// Does the chain lead from its first certificate to the anchor, is all of it in its time, and does the first name
    /// one of the hosts?
    ///
    /// - Parameter chain: DER; the server's own certificate first, the others in any order.
    public static func isTrusted(
        _ chain: [[UInt8]], anchor: [UInt8], names: [String]
    ) throws(CertificateError) -> Bool {
        guard let first = chain.first else { return false }
        defer { ERR_clear_error() }
        let leaf = try CertificateHandle(der: first)
        let isNamed = names.contains { name in
            X509_check_host(leaf.pointer, name, name.utf8.count, 0, nil) == 1
        }
        guard isNamed else { return false }
        let trusted = try CertificateHandle(der: anchor)
        guard let store = X509_STORE_new() else { throw .ofLibrary("X509_STORE_new") }
        defer { X509_STORE_free(store) }
        guard X509_STORE_add_cert(store, trusted.pointer) == 1,
            let context = X509_STORE_CTX_new()
        else { throw .ofLibrary("X509_STORE_add_cert") }
        defer { X509_STORE_CTX_free(context) }
        guard let others = OPENSSL_sk_new_null() else { throw .ofLibrary("OPENSSL_sk_new_null") }
        defer { postino_free_certificates(others) }
        for octets in chain.dropFirst().prefix(lengthMax) {
            if let other = try? CertificateHandle(der: octets) { postino_push_certificate(others, other.pointer) }
        }
        guard X509_STORE_CTX_init(context, store, leaf.pointer, others) == 1 else {
            throw .ofLibrary("X509_STORE_CTX_init")
        }
        // The anchor need not be a root: what a record names is believed.
        X509_STORE_CTX_set_flags(context, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        return X509_verify_cert(context) == 1
    }
}
