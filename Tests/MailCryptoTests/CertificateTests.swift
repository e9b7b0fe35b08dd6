import Glibc
import MailCrypto
import Testing

@Suite struct CertificateTests {
    static let now: Int64 = 1_800_000_000
    static let names = ["example.test", "mail.example.test", "localhost", "127.0.0.1", "::1"]

    static func subjectNames(_ texts: [String]) -> [SubjectName] { texts.compactMap { SubjectName($0) } }

    static func pair(now: Int64 = now, names: [String] = names) throws -> (authority: CertifiedKey, leaf: CertifiedKey)
    {
        let authority = try CertificateAuthority.create(commonName: "Postino test authority", now: now)
        let leaf = try CertificateAuthority.issue(names: subjectNames(names), by: authority, now: now)
        return (authority, leaf)
    }

    @Test("RFC 5280 §4.2: a leaf says its names, its time and its issuer; an authority that it is one")
    func reads() throws {
        let (authority, leaf) = try Self.pair()
        let read = try Certificate(pem: leaf.certificatePEM)
        #expect(read.names == Self.subjectNames(Self.names))
        #expect(read.names.last == .address("::1"))
        #expect(read.subject == "CN=example.test")
        #expect(read.issuer == "CN=Postino test authority")
        #expect(read.notBefore == Self.now - 3_600)
        #expect(read.notAfter == Self.now + 63_072_000)
        #expect(!read.isAuthority)
        let root = try Certificate(pem: authority.certificatePEM)
        #expect(root.isAuthority)
        #expect(root.subject == root.issuer)
        #expect(root.names.isEmpty)
        // Behind 2049 the other form of time is used (RFC 5280 §4.1.2.5).
        #expect(root.notAfter == Self.now + 315_576_000)
        let late = try CertificateAuthority.create(commonName: "late", now: 2_524_608_000)
        #expect(try Certificate(pem: late.certificatePEM).notBefore == 2_524_608_000 - 3_600)
    }

    @Test("A key is known for the one of its certificate, and a signer for the one of a leaf")
    func matches() throws {
        let (authority, leaf) = try Self.pair()
        let other = try Self.pair()
        #expect(try Certificate.privateKey(pem: leaf.privateKeyPEM, matchesCertificate: leaf.certificatePEM))
        #expect(try !Certificate.privateKey(pem: authority.privateKeyPEM, matchesCertificate: leaf.certificatePEM))
        #expect(try Certificate.isSigned(pem: leaf.certificatePEM, byAuthority: authority.certificatePEM))
        // Same name, another key.
        #expect(try !Certificate.isSigned(pem: leaf.certificatePEM, byAuthority: other.authority.certificatePEM))
        #expect(try !Certificate.isSigned(pem: authority.certificatePEM, byAuthority: leaf.certificatePEM))
    }

    @Test(
        "What is no certificate and no key is said to be none",
        arguments: ["", "x", "-----BEGIN CERTIFICATE-----\nAA\n"])
    func malformed(text: String) throws {
        let leaf = try Self.pair().leaf
        #expect(throws: CertificateError.malformedCertificate) { try Certificate(pem: text) }
        #expect(throws: CertificateError.malformedPrivateKey) {
            try Certificate.privateKey(pem: text, matchesCertificate: leaf.certificatePEM)
        }
        #expect(throws: CertificateError.malformedCertificate) {
            try Certificate.privateKey(pem: leaf.privateKeyPEM, matchesCertificate: text)
        }
        #expect(throws: CertificateError.malformedPrivateKey) {
            let halved = CertifiedKey(certificatePEM: leaf.certificatePEM, privateKeyPEM: text)
            _ = try CertificateAuthority.issue(names: [.host("a.test")], by: halved, now: Self.now)
        }
    }

    @Test(
        "RFC 1123 §2.1: host names and addresses are told apart, and nothing else is a name",
        arguments: [
            ("Mail.Example.Test", .host("mail.example.test")), ("*.example.test", .host("*.example.test")),
            ("localhost", .host("localhost")), ("192.0.2.1", .address("192.0.2.1")),
            ("2001:DB8:0:0::1", .address("2001:db8::1")), ("", nil), ("*", nil), ("a.*.test", nil), ("-a.test", nil),
            ("a..test", nil), ("a.test,DNS:b.test", nil), ("a b", nil), ("a\n", nil), ("a\0b", nil),
            ("b\u{fc}r.test", nil),
            (String(repeating: "a", count: 64) + ".test", nil),
        ] as [(String, SubjectName?)])
    func names(text: String, expected: SubjectName?) {
        #expect(SubjectName(text) == expected)
    }

    @Test("A leaf without names, with too many, and an authority without a name are refused")
    func bounds() throws {
        let authority = try Self.pair().authority
        let many = (0..<100).map { SubjectName.host("h\($0).test") }
        #expect(
            try Certificate(pem: CertificateAuthority.issue(names: many, by: authority, now: Self.now).certificatePEM)
                .names.count == 100)
        #expect(throws: CertificateError.badName("")) {
            try CertificateAuthority.issue(names: many + [.host("one.more.test")], by: authority, now: Self.now)
        }
        #expect(throws: CertificateError.badName("")) {
            try CertificateAuthority.issue(names: [], by: authority, now: Self.now)
        }
        #expect(throws: CertificateError.badName("")) { try CertificateAuthority.create(commonName: "", now: 0) }
    }

    @Test("No text made of a key shows it")
    func description() throws {
        let leaf = try Self.pair().leaf
        var dumped = ""
        dump(leaf, to: &dumped)
        #expect(!"\(leaf) \(String(reflecting: leaf)) \(dumped)".contains("PRIVATE"))
    }

    @Test(
        "openssl verify, strict, takes the leaf for each of its names and no other", .enabled(if: Shell.has("openssl")))
    func openSSLVerifies() throws {
        let longName = String(repeating: "a", count: 60) + ".example.test"
        for names in [Self.names, [longName]] {
            let (authority, leaf) = try Self.pair(now: Int64(time(nil)), names: names)
            let folder = try Shell.temporaryFolder()
            defer { Shell.run("rm -rf \(folder)") }
            try Shell.write(authority.certificatePEM, to: "\(folder)/ca.pem")
            try Shell.write(leaf.certificatePEM, to: "\(folder)/leaf.pem")
            try Shell.write(leaf.privateKeyPEM, to: "\(folder)/key.pem")
            let verify = "openssl verify -x509_strict -purpose sslserver -CAfile \(folder)/ca.pem"
            for name in names {
                let option = SubjectName(name) == .host(name) ? "-verify_hostname" : "-verify_ip"
                #expect(Shell.run("\(verify) \(option) \(name) \(folder)/leaf.pem"))
            }
            #expect(!Shell.run("\(verify) -verify_hostname other.test \(folder)/leaf.pem"))
            #expect(!Shell.run("\(verify) -verify_ip 127.0.0.2 \(folder)/leaf.pem"))
            #expect(Shell.run("openssl pkey -in \(folder)/key.pem -check -noout"))
        }
    }

    /// A handshake in memory; the arguments are a folder, the name to ask for and the file of the authority.
    static let handshake = """
        import ssl, sys
        folder, name, trusted = sys.argv[1:]
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(folder + "/leaf.pem", folder + "/key.pem")
        client = ssl.create_default_context(cafile=folder + "/" + trusted)
        client.verify_flags |= ssl.VERIFY_X509_STRICT
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = [client.wrap_bio(to_client, to_server, server_hostname=name),
                server.wrap_bio(to_server, to_client, server_side=True)]
        done = set()
        for turn in range(20):
            try:
                ends[turn % 2].do_handshake()
                done.add(turn % 2)
            except ssl.SSLWantReadError:
                pass
        assert done == {0, 1}
        """

    @Test("Python's ssl, strict, shakes hands for each of the leaf's names", .enabled(if: Shell.has("python3")))
    func pythonVerifies() throws {
        let (authority, leaf) = try Self.pair(now: Int64(time(nil)))
        let folder = try Shell.temporaryFolder()
        defer { Shell.run("rm -rf \(folder)") }
        try Shell.write(authority.certificatePEM, to: "\(folder)/ca.pem")
        try Shell.write(try Self.pair().authority.certificatePEM, to: "\(folder)/other.pem")
        try Shell.write(leaf.certificatePEM, to: "\(folder)/leaf.pem")
        try Shell.write(leaf.privateKeyPEM, to: "\(folder)/key.pem")
        try Shell.write(Self.handshake, to: "\(folder)/handshake.py")
        for name in Self.names {
            #expect(Shell.run("python3 \(folder)/handshake.py \(folder) \(name) ca.pem"))
        }
        #expect(!Shell.run("python3 \(folder)/handshake.py \(folder) other.test ca.pem"))
        #expect(!Shell.run("python3 \(folder)/handshake.py \(folder) localhost other.pem"))
    }
}
