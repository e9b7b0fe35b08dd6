/// What messages are signed with.
public enum KeyKind: String, Hashable, Sendable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2).
    case rsa
    /// Ed25519 over the 32 octets of the digest (RFC 8463 §3).
    case ed25519
}
