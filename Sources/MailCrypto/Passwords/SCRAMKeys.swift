import COpenSSL

/// What a server keeps of a password so that its owner can log in by SCRAM-SHA-256 (RFC 5802 §3, RFC 7677): enough to
/// check a proof, not enough to make one.
///
/// No description or dump shows it: who reads it can try passwords at leisure, as with a hash.
public struct SCRAMKeys: Hashable, Sendable {
    public var salt: [UInt8]
    public var iterations: Int
    public var storedKey: SHA256.Digest
    public var serverKey: SHA256.Digest

    public init(salt: [UInt8], iterations: Int, storedKey: SHA256.Digest, serverKey: SHA256.Digest) {
        self.salt = salt
        self.iterations = iterations
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// Of the salts that are made here.
    public static let saltOctets = 16
    /// RFC 7677 §4 asks for 4,096 at least; Cyrus SASL's clients refuse more than 65,536.
    public static let iterationsRange = 4_096...65_536

    /// How often the hash is turned: these keys must not be a much shorter way to the password than its hash is.
    public static func iterations(_ cost: PasswordHash.Cost) -> Int {
        switch cost {
        case .standard: 60_000
        case .lab: iterationsRange.lowerBound
        }
    }

    /// Makes the keys of a password with a fresh salt. Takes tens of milliseconds: not for an event loop.
    public static func create(_ password: String, cost: PasswordHash.Cost = .standard) -> SCRAMKeys {
        derive(password, salt: Random.octets(saltOctets), iterations: iterations(cost))
    }

    public static func derive(_ password: String, salt: [UInt8], iterations: Int) -> SCRAMKeys {
        // RFC 5802 §3: SaltedPassword := Hi(Normalize(password), salt, i), which is PBKDF2 with HMAC.
        let salted = HMACSHA256(key: saltedPassword(SASLprep.prepared(password), salt, iterations))
        let clientKey = salted.authenticate(Array("Client Key".utf8))
        return SCRAMKeys(
            salt: salt, iterations: iterations, storedKey: SHA256.hash(clientKey.octets),
            serverKey: salted.authenticate(Array("Server Key".utf8)))
    }

    /// Keys that no password fits, for a login name that has none: the same each time for one name, so that a stranger
    /// cannot tell (RFC 5802 §9 leaves that to servers).
    ///
    /// - Parameter secret: of this store alone.
    public static func pretended(for name: String, secret: [UInt8], cost: PasswordHash.Cost) -> SCRAMKeys {
        let key = HMACSHA256(key: secret)
        let salt = key.authenticate(Array("salt:\(name)".utf8)).octets.prefix(saltOctets)
        return SCRAMKeys(
            salt: Array(salt), iterations: iterations(cost), storedKey: key.authenticate(Array("stored:\(name)".utf8)),
            serverKey: key.authenticate(Array("server:\(name)".utf8)))
    }

    private static func saltedPassword(_ password: [UInt8], _ salt: [UInt8], _ iterations: Int) -> [UInt8] {
        var salted = [UInt8](repeating: 0, count: SHA256.Digest.octetsCount)
        let done = password.withUnsafeBytes { password in
            PKCS5_PBKDF2_HMAC(
                password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: password.count), salt,
                Int32(clamping: salt.count), Int32(clamping: iterations), EVP_sha256(), Int32(salted.count), &salted)
        }
        precondition(done == 1, "libcrypto computes no PBKDF2")
        return salted
    }
}

/// The form in which it is stored (RFC 5803 §2): "SCRAM-SHA-256$60000:salt$StoredKey:ServerKey", in base64.
extension SCRAMKeys {
    public var text: String {
        func base64(_ octets: [UInt8]) -> String { Base64.encode(octets) }
        return "\(Self.name)$\(iterations):\(base64(salt))$\(base64(storedKey.octets)):\(base64(serverKey.octets))"
    }

    /// Nil for anything but what `text` makes, and for iterations outside `iterationsRange`.
    public init?(text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.name else { return nil }
        let setting = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        let keys = parts[2].split(separator: ":", omittingEmptySubsequences: false)
        guard setting.count == 2, keys.count == 2, let iterations = Int(setting[0]),
            Self.iterationsRange.contains(iterations), let salt = Base64.decode(String(setting[1])), !salt.isEmpty,
            let stored = Base64.decode(String(keys[0])).flatMap({ SHA256.Digest($0) }),
            let server = Base64.decode(String(keys[1])).flatMap({ SHA256.Digest($0) })
        else { return nil }
        self.init(salt: salt, iterations: iterations, storedKey: stored, serverKey: server)
    }

    private static let name = "SCRAM-SHA-256"
}

extension SCRAMKeys: CustomStringConvertible, CustomReflectable {
    public var description: String { "SCRAM-SHA-256, \(iterations) iterations" }

    public var customMirror: Mirror { Mirror(self, children: ["iterations": iterations]) }
}
