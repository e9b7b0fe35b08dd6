import MailCrypto

/// A key as a domain publishes it (RFC 6376 §3.6.1), in the tags of a TXT record.
struct DKIMKeyRecord: Sendable {
    /// RFC 8301 §3.2: a shorter RSA key proves nothing.
    static let rsaBitsMin = 1_024

    var key: VerifyingKey
    /// `t=y`.
    var isTesting: Bool
    /// `t=s`: `i=` may not be below `d=`.
    var isForDomainOnly: Bool

    /// - Throws: when the key may not be used for signatures of mail with this algorithm.
    init(_ text: [UInt8], for algorithm: SignatureAlgorithm) throws(SignatureFault) {
        let tags: TagList
        do throws(SignatureFault) {
            tags = try TagList(text)
        } catch {
            throw .permanent("the key record has \(error.reason)")
        }
        if let version = tags["v"] {
            guard version == "DKIM1", tags.tags.first?.name == "v" else {
                throw .permanent("the record is no DKIM key")
            }
        }
        if let hashes = tags.tag("h")?.list, !hashes.contains("sha256") {
            throw .permanent("the key is not for SHA-256")
        }
        guard tags["k"] ?? "rsa" == algorithm.keyKind.rawValue else {
            throw .permanent("the key is not for \(algorithm.rawValue)")
        }
        if let services = tags.tag("s")?.list, !services.contains("*"), !services.contains("email") {
            throw .permanent("the key is not for mail")
        }
        let flags = tags.tag("t")?.list ?? []
        isTesting = flags.contains("y")
        isForDomainOnly = flags.contains("s")
        key = try Self.key(tags, algorithm)
    }

    private static func key(_ tags: TagList, _ algorithm: SignatureAlgorithm) throws(SignatureFault) -> VerifyingKey {
        guard let tag = tags.tag("p") else { throw .permanent("the key record has no p=") }
        guard !tag.value.isEmpty else { throw .permanent("the key was revoked") }
        guard let octets = tag.base64 else { throw .permanent("the key is not Base64") }
        do throws(CertificateError) {
            switch algorithm {
            case .rsaSHA256: return try VerifyingKey(rsa: octets)
            case .ed25519SHA256: return try VerifyingKey(ed25519: octets)
            }
        } catch .unsuitableKey(let what) {
            throw .unacceptable("the key is \(what)")
        } catch {
            throw .permanent("the key cannot be read")
        }
    }
}
