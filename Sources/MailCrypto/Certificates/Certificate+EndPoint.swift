import COpenSSL

extension Certificate {
    /// What a TLS connection to this certificate's server is known by: "tls-server-end-point" (RFC 5929 §4.1).
    ///
    /// The digest of the certificate, by the hash of its signature, or by SHA-256 where that is MD5 or
    /// SHA-1. Nil where its signature has no hash (Ed25519): then nothing is defined.
    public static func serverEndPoint(der: [UInt8]) throws(CertificateError) -> [UInt8]? {
        let certificate = try CertificateHandle(der: der)
        defer { ERR_clear_error() }
        var digestID: Int32 = 0
        guard OBJ_find_sigid_algs(X509_get_signature_nid(certificate.pointer), &digestID, nil) == 1,
            digestID != NID_undef
        else { return nil }
        let isWeak = digestID == NID_md5 || digestID == NID_sha1
        guard let algorithm = isWeak ? EVP_sha256() : EVP_get_digestbyname(OBJ_nid2sn(digestID)) else { return nil }
        var octets = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate.pointer, algorithm, &octets, &count) == 1 else {
            throw .ofLibrary("X509_digest")
        }
        return Array(octets.prefix(Int(count)))
    }
}
