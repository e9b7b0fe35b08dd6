import Glibc
import MailCrypto
import Transport

/// The small CA of a `localserve` folder and its leaf, made once and kept over restarts.
struct LocalCertificates {
    let authorityFile: String
    let files: TLSContexts.Files

    /// Makes what is missing, and a new leaf when the kept one is for another domain or runs out within a day.
    init(folder: StateFolder, domain: String, now: Int64) throws {
        try folder.makeFolder("tls")
        authorityFile = folder.file("tls/ca.pem")
        files = TLSContexts.Files(certificates: folder.file("tls/cert.pem"), key: folder.file("tls/key.pem"))
        let authority = try Self.authority(folder, file: authorityFile, now: now)
        let names = [domain, "mail.\(domain)", "localhost", "127.0.0.1", "::1"].compactMap { SubjectName($0) }
        if Self.isGood(files, authority, names, now) { return }
        let leaf = try CertificateAuthority.issue(names: names, by: authority, now: now)
        try SmallFile.write(leaf.privateKeyPEM, to: files.key)
        try SmallFile.write(leaf.certificatePEM + authority.certificatePEM, to: files.certificates, mode: 0o644)
    }

    private static func authority(_ folder: StateFolder, file: String, now: Int64) throws -> CertifiedKey {
        let keyFile = folder.file("tls/ca.key")
        if let certificate = SmallFile.read(file), let key = SmallFile.read(keyFile),
            (try? Certificate.privateKey(pem: key, matchesCertificate: certificate)) == true,
            let facts = try? Certificate(pem: certificate), facts.notAfter > now + 86_400
        {
            return CertifiedKey(certificatePEM: certificate, privateKeyPEM: key)
        }
        let fresh = try CertificateAuthority.create(
            commonName: "Postino localserve \(Hexadecimal.encode(Random.octets(4)))", now: now)
        try SmallFile.write(fresh.privateKeyPEM, to: keyFile)
        try SmallFile.write(fresh.certificatePEM, to: file, mode: 0o644)
        return fresh
    }

    private static func isGood(
        _ files: TLSContexts.Files, _ authority: CertifiedKey, _ names: [SubjectName], _ now: Int64
    ) -> Bool {
        guard let certificate = SmallFile.read(files.certificates), let key = SmallFile.read(files.key),
            let facts = try? Certificate(pem: certificate), facts.notAfter > now + 86_400,
            (try? Certificate.privateKey(pem: key, matchesCertificate: certificate)) == true,
            (try? Certificate.isSigned(pem: certificate, byAuthority: authority.certificatePEM)) == true
        else { return false }
        return names.allSatisfy { facts.names.contains($0) }
    }
}
