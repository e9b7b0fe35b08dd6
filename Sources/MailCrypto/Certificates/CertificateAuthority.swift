import COpenSSL

/// A small authority of the appliance's own, for loopback servers and for the first hours of a new one.
public enum CertificateAuthority {
    /// Ten years of 365.25 days.
    public static let authoritySeconds: Int64 = 315_576_000
    /// Two years of 365 days: the most that browsers' rules have ever taken is 825 days.
    public static let leafSeconds: Int64 = 63_072_000
    /// Certificates are good from an hour before they were made, for peers whose clocks are behind.
    public static let backdatedSeconds: Int64 = 3_600

    /// Makes an authority that signs itself: ECDSA on P-256, good for ten years.
    ///
    /// - Parameters:
    ///   - commonName: 1 to 64 octets (RFC 5280 A.1); should be another one for each authority.
    ///   - now: seconds since 1970-01-01T00:00:00Z.
    public static func create(commonName: String, now: Int64) throws(CertificateError) -> CertifiedKey {
        guard (1...64).contains(commonName.utf8.count) else { throw .badName(commonName) }
        let key = try PrivateKeyHandle()
        let certificate = try CertificateHandle()
        try certificate.setUp(key: key, commonName: commonName, now: now, goodForSeconds: authoritySeconds)
        try certificate.setIssuer(of: certificate)
        try certificate.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0", issuer: certificate)
        try certificate.add(NID_key_usage, "critical,keyCertSign,cRLSign", issuer: certificate)
        try certificate.add(NID_subject_key_identifier, "hash", issuer: certificate)
        try certificate.add(NID_authority_key_identifier, "keyid:always", issuer: certificate)
        try certificate.sign(with: key)
        return CertifiedKey(certificatePEM: try certificate.pem(), privateKeyPEM: try key.pem())
    }

    /// Makes a server's key and certificate, signed by the authority: ECDSA on P-256, good for two years.
    ///
    /// - Parameter names: 1 to 100; the first is the common name too, where it fits.
    public static func issue(
        names: [SubjectName], by authority: CertifiedKey, now: Int64
    ) throws(CertificateError) -> CertifiedKey {
        guard let first = names.first, names.count <= 100 else { throw .badName("") }
        let issuer = try CertificateHandle(pem: authority.certificatePEM)
        let issuerKey = try PrivateKeyHandle(pem: authority.privateKeyPEM)
        let key = try PrivateKeyHandle()
        let certificate = try CertificateHandle()
        let commonName = first.description.utf8.count <= 64 ? first.description : nil
        try certificate.setUp(key: key, commonName: commonName, now: now, goodForSeconds: leafSeconds)
        try certificate.setIssuer(of: issuer)
        try certificate.add(NID_basic_constraints, "critical,CA:FALSE", issuer: issuer)
        try certificate.add(NID_key_usage, "critical,digitalSignature", issuer: issuer)
        try certificate.add(NID_ext_key_usage, "serverAuth", issuer: issuer)
        try certificate.add(NID_subject_key_identifier, "hash", issuer: issuer)
        try certificate.add(NID_authority_key_identifier, "keyid:always", issuer: issuer)
        // RFC 5280 §4.2.1.6: critical when the subject is empty.
        let alternatives = names.map(\.configuration).joined(separator: ",")
        try certificate.add(
            NID_subject_alt_name, commonName == nil ? "critical,\(alternatives)" : alternatives, issuer: issuer)
        try certificate.sign(with: issuerKey)
        return CertifiedKey(certificatePEM: try certificate.pem(), privateKeyPEM: try key.pem())
    }
}
