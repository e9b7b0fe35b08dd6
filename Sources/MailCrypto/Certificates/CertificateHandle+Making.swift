import COpenSSL
import Glibc

extension CertificateHandle {
    /// Version, serial number, subject, public key and the time in which it is good.
    func setUp(
        key: borrowing PrivateKeyHandle, commonName: String?, now: Int64, goodForSeconds: Int64
    ) throws(CertificateError) {
        let start = now - CertificateAuthority.backdatedSeconds
        guard X509_set_version(pointer, 2) == 1,  // Version 3 is written as 2.
            X509_set_pubkey(pointer, key.pointer) == 1,
            ASN1_TIME_set(X509_getm_notBefore(pointer), time_t(start)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(pointer), time_t(now + goodForSeconds)) != nil
        else { throw .ofLibrary("setting up a certificate") }
        try setSerialNumber()
        guard let commonName else { return }
        let text = Array(commonName.utf8)
        guard
            X509_NAME_add_entry_by_NID(
                X509_get_subject_name(pointer), NID_commonName, MBSTRING_UTF8, text, Int32(text.count), -1, 0) == 1
        else { throw .ofLibrary("setting a subject") }
    }

    /// RFC 5280 §4.1.2.2: positive, at most 20 octets; random, so that no two are alike.
    private func setSerialNumber() throws(CertificateError) {
        var octets = Random.octets(16)
        octets[0] = octets[0] & 0x7f | 0x40
        guard let number = BN_bin2bn(octets, Int32(octets.count), nil) else { throw .ofLibrary("BN_bin2bn") }
        defer { BN_free(number) }
        guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(pointer)) != nil else {
            throw .ofLibrary("BN_to_ASN1_INTEGER")
        }
    }

    func setIssuer(of issuer: borrowing CertificateHandle) throws(CertificateError) {
        guard X509_set_issuer_name(pointer, X509_get_subject_name(issuer.pointer)) == 1 else {
            throw .ofLibrary("setting an issuer")
        }
    }

    /// Adds an extension written in libcrypto's configuration language (x509v3_config(5)).
    func add(_ identifier: Int32, _ value: String, issuer: borrowing CertificateHandle) throws(CertificateError) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer.pointer, pointer, nil, nil, 0)
        guard let made = X509V3_EXT_nconf_nid(nil, &context, identifier, value) else {
            throw .ofLibrary("extension \(value)")
        }
        defer { X509_EXTENSION_free(made) }
        guard X509_add_ext(pointer, made, -1) == 1 else { throw .ofLibrary("X509_add_ext") }
    }

    func sign(with key: borrowing PrivateKeyHandle) throws(CertificateError) {
        guard X509_sign(pointer, key.pointer, EVP_sha256()) > 0 else { throw .ofLibrary("X509_sign") }
    }
}
