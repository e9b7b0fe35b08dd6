import COpenSSL
import Glibc

/// What a certificate in PEM form says, for `doctor`, `status`, and the checks before it is used.
public struct Certificate: Equatable, Sendable {
    /// The subjectAltName's host names and addresses, in its order; other kinds are left out.
    public var names: [SubjectName]
    /// The subject in RFC 2253's form: "CN=mail.example.test".
    public var subject: String
    public var issuer: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public var notBefore: Int64
    /// Seconds since 1970-01-01T00:00:00Z; the last second in which it is good.
    public var notAfter: Int64
    /// May it sign others?
    public var isAuthority: Bool

    /// Reads the first certificate of the text: the leaf, in a file that holds a chain.
    public init(pem: String) throws(CertificateError) {
        let certificate = try CertificateHandle(pem: pem)
        names = Self.names(of: certificate)
        subject = try Self.text(of: X509_get_subject_name(certificate.pointer))
        issuer = try Self.text(of: X509_get_issuer_name(certificate.pointer))
        guard let notBefore = Self.seconds(X509_get0_notBefore(certificate.pointer)),
            let notAfter = Self.seconds(X509_get0_notAfter(certificate.pointer))
        else { throw .malformedCertificate }
        self.notBefore = notBefore
        self.notAfter = notAfter
        isAuthority = X509_check_ca(certificate.pointer) == 1
    }

    /// Is the private key the one whose public half the first certificate of `certificatePEM` holds?
    public static func privateKey(
        pem keyPEM: String, matchesCertificate certificatePEM: String
    ) throws(CertificateError) -> Bool {
        let certificate = try CertificateHandle(pem: certificatePEM)
        let key = try PrivateKeyHandle(pem: keyPEM)
        defer { ERR_clear_error() }
        return X509_check_private_key(certificate.pointer, key.pointer) == 1
    }

    /// Was the first certificate of `pem` signed by the key of the authority's certificate?
    public static func isSigned(pem: String, byAuthority authorityPEM: String) throws(CertificateError) -> Bool {
        let certificate = try CertificateHandle(pem: pem)
        let authority = try CertificateHandle(pem: authorityPEM)
        defer { ERR_clear_error() }
        guard let key = X509_get0_pubkey(authority.pointer) else { return false }
        return X509_check_issued(authority.pointer, certificate.pointer) == X509_V_OK
            && X509_verify(certificate.pointer, key) == 1
    }
}

extension Certificate {
    private static func names(of certificate: borrowing CertificateHandle) -> [SubjectName] {
        guard let found = X509_get_ext_d2i(certificate.pointer, NID_subject_alt_name, nil, nil) else { return [] }
        let list = OpaquePointer(found)
        defer { GENERAL_NAMES_free(list) }
        var names: [SubjectName] = []
        for index in 0..<OPENSSL_sk_num(list) {
            guard let entry = OPENSSL_sk_value(list, index) else { continue }
            var kind: Int32 = 0
            let value = GENERAL_NAME_get0_value(entry.assumingMemoryBound(to: GENERAL_NAME.self), &kind)
            guard let string = value.map({ OpaquePointer($0) }).map({ UnsafePointer<ASN1_STRING>($0) }) else {
                continue
            }
            let octets = Array(
                UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
            switch kind {
            case GEN_DNS: names.append(.host(String(decoding: octets, as: UTF8.self)))
            case GEN_IPADD: SubjectName.text(ofAddress: octets[...]).map { names.append(.address($0)) }
            default: break
            }
        }
        return names
    }

    private static func text(of name: OpaquePointer?) throws(CertificateError) -> String {
        let memory = try MemoryHandle()
        guard X509_NAME_print_ex(memory.pointer, name, 0, postino_rfc2253_flags) >= 0 else {
            throw .ofLibrary("X509_NAME_print_ex")
        }
        return memory.text()
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Int64(timegm(&parts))
    }
}
