import Glibc
import MailCrypto
import NIOSSL

/// A server's certificate below an authority of its own.
struct TestTLS: Sendable {
    let authority: CertifiedKey
    let leaf: CertifiedKey
    let context: NIOSSLContext

    init(names: [String]) throws {
        let now = Int64(time(nil))
        authority = try CertificateAuthority.create(commonName: "Test authority", now: now)
        leaf = try CertificateAuthority.issue(names: names.map { .host($0) }, by: authority, now: now)
        let chain = try [leaf, authority].map {
            try NIOSSLCertificate(bytes: Array($0.certificatePEM.utf8), format: .pem)
        }
        context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(leaf.privateKeyPEM.utf8), format: .pem))))
    }

    static func der(_ key: CertifiedKey) throws -> [UInt8] {
        try NIOSSLCertificate(bytes: Array(key.certificatePEM.utf8), format: .pem).toDERBytes()
    }
}
