import MailCrypto

/// `a=` (RFC 6376 §3.3, RFC 8301, RFC 8463).
enum SignatureAlgorithm: String, Sendable {
    case rsaSHA256 = "rsa-sha256"
    case ed25519SHA256 = "ed25519-sha256"

    /// - Throws: for rsa-sha1 too, which proves nothing any more (RFC 8301 §3.1).
    static func named(_ name: String) throws(SignatureFault) -> SignatureAlgorithm {
        if name == "rsa-sha1" { throw .permanent("rsa-sha1 is no longer accepted") }
        guard let algorithm = SignatureAlgorithm(rawValue: name) else { throw .permanent("an unknown algorithm in a=") }
        return algorithm
    }

    init(_ kind: KeyKind) { self = kind == .rsa ? .rsaSHA256 : .ed25519SHA256 }

    var keyKind: KeyKind { self == .rsaSHA256 ? .rsa : .ed25519 }
}
