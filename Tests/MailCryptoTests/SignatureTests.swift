import MailCrypto
import Testing

@Suite struct SignatureTests {
    static let digest = SHA256.hash("what is signed")

    static func verifyingKey(of key: SigningKey) throws -> VerifyingKey {
        let octets = try key.publicOctets()
        return key.kind == .rsa ? try VerifyingKey(rsa: octets) : try VerifyingKey(ed25519: octets)
    }

    @Test("What a key signs its public half confirms, and nothing else", arguments: KeyKind.allCases)
    func signsAndVerifies(_ kind: KeyKind) throws {
        let key = try SigningKey(generating: kind)
        let verifying = try Self.verifyingKey(of: key)
        #expect(verifying.kind == kind)
        #expect(verifying.bits == (kind == .rsa ? 2_048 : 256))
        var signature = try key.sign(Self.digest)
        #expect(verifying.isValid(signature, for: Self.digest))
        #expect(try key.sign(Self.digest) == signature)
        #expect(!verifying.isValid(signature, for: SHA256.hash("something else")))
        #expect(!verifying.isValid(Array(signature.dropLast()), for: Self.digest))
        #expect(!verifying.isValid(signature + [0], for: Self.digest))
        #expect(!verifying.isValid([], for: Self.digest))
        signature[10] ^= 1
        #expect(!verifying.isValid(signature, for: Self.digest))
        let other = try Self.verifyingKey(of: SigningKey(generating: kind))
        #expect(!other.isValid(try key.sign(Self.digest), for: Self.digest))
    }

    @Test("A key written as PEM is the same key when it is read again", arguments: KeyKind.allCases)
    func keepsPEM(_ kind: KeyKind) throws {
        let key = try SigningKey(generating: kind)
        let pem = try key.pem()
        #expect(pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let again = try SigningKey(pem: pem)
        #expect(again.kind == kind)
        #expect(try again.publicOctets() == key.publicOctets())
        #expect(!"\(key)".contains("BEGIN"))
        #expect(Mirror(reflecting: key).children.isEmpty)
    }

    @Test("RFC 8032 §7.1, test 1: the public half of an Ed25519 key")
    func knowsEd25519() throws {
        // PKCS #8 around the seed (RFC 8410 §7).
        let seed = try #require(Base64.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="))
        let der: [UInt8] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20] + seed
        let key = try SigningKey(
            pem: "-----BEGIN PRIVATE KEY-----\n\(Base64.encode(der))\n-----END PRIVATE KEY-----\n")
        #expect(key.kind == .ed25519)
        #expect(Base64.encode(try key.publicOctets()) == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    }

    @Test("An RSA key is read as SubjectPublicKeyInfo and as the RSAPublicKey in it")
    func readsBothForms() throws {
        let key = try SigningKey(generating: .rsa)
        let info = try key.publicOctets()
        // The header of SubjectPublicKeyInfo around a 2,048-bit key has 24 octets.
        let bare = Array(info.dropFirst(24))
        #expect(try VerifyingKey(rsa: bare).isValid(key.sign(Self.digest), for: Self.digest))
        for broken in [[], [0x30], Array(info.dropLast()), info + [0], bare + [0], Array(info.dropFirst())] {
            #expect(throws: CertificateError.malformedPublicKey) { try VerifyingKey(rsa: broken) }
        }
    }

    @Test("Keys that are too short, of another kind, or dear to use are refused", .enabled(if: Shell.has("openssl")))
    func refusesKeys() throws {
        let folder = try Shell.temporaryFolder()
        defer { Shell.run("rm -rf '\(folder)'") }
        Shell.run("cd '\(folder)' && openssl genrsa -traditional -out short 512 && openssl genrsa -out least 1024")
        Shell.run("cd '\(folder)' && openssl ecparam -name prime256v1 -genkey -noout -out curve")
        Shell.run("cd '\(folder)' && openssl rsa -in short -pubout -outform DER -out short.der")
        Shell.run("cd '\(folder)' && openssl ec -in curve -pubout -outform DER -out curve.der")
        #expect(throws: CertificateError.unsuitableKey("512-bit RSA")) {
            try SigningKey(pem: Shell.text(of: "\(folder)/short"))
        }
        #expect(try SigningKey(pem: Shell.text(of: "\(folder)/least")).bits == 1_024)
        #expect(throws: CertificateError.unsuitableKey("neither RSA nor Ed25519")) {
            try SigningKey(pem: Shell.text(of: "\(folder)/curve"))
        }
        #expect(throws: CertificateError.malformedPrivateKey) { try SigningKey(pem: "no key") }
        // A verifier must be able to say how short a key is.
        #expect(try VerifyingKey(rsa: Shell.octets(of: "\(folder)/short.der")).bits == 512)
        #expect(throws: CertificateError.self) { try VerifyingKey(rsa: Shell.octets(of: "\(folder)/curve.der")) }
    }

    /// RSAPublicKey with a modulus of `bits` ones and an exponent of `exponentBits` ones.
    static func rsaPublicKey(bits: Int, exponentBits: Int) -> [UInt8] {
        func integer(_ octets: [UInt8]) -> [UInt8] { [2] + length(octets.count + 1) + [0] + octets }
        func length(_ count: Int) -> [UInt8] {
            count < 128 ? [UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 255)]
        }
        let body =
            integer([UInt8](repeating: 255, count: bits / 8))
            + integer([UInt8](repeating: 255, count: exponentBits / 8))
        return [0x30] + length(body.count) + body
    }

    static let sizes = [(8_192, 64, true), (8_200, 16, false), (2_048, 72, false), (2_048, 64, true)]

    @Test("A public key costs no more than one of 8,192 bits with an exponent of 64", arguments: sizes)
    func boundsCost(_ bits: Int, _ exponentBits: Int, _ isTaken: Bool) throws {
        let der = Self.rsaPublicKey(bits: bits, exponentBits: exponentBits)
        if isTaken {
            #expect(try VerifyingKey(rsa: der).bits == bits)
        } else {
            #expect(throws: CertificateError.self) { try VerifyingKey(rsa: der) }
        }
    }

    @Test("An Ed25519 key has 32 octets", arguments: [0, 31, 33, 44])
    func countsOctets(_ count: Int) {
        #expect(throws: CertificateError.malformedPublicKey) {
            try VerifyingKey(ed25519: [UInt8](repeating: 1, count: count))
        }
    }
}
