public import MailCrypto

/// A key that signs a domain's mail, will sign it, or has signed it.
public struct SigningKeyRow: Sendable {
    public enum State: String, Sendable {
        /// Until its record is seen in the DNS: a signature that nobody can verify is worth nothing.
        case waiting
        case signing
        /// Signs nothing more. Its record stays until what it signed has arrived.
        case retired
    }

    /// Lower case.
    public var domain: String
    /// Lower case.
    public var selector: String
    public var key: SigningKey
    /// Times are seconds since 1970-01-01T00:00:00Z.
    public var createdAt: Int64
    public var signsSince: Int64?
    public var retiredAt: Int64?

    public var state: State { retiredAt != nil ? .retired : signsSince != nil ? .signing : .waiting }
}
