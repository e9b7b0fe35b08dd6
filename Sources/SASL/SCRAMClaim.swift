public import MailCrypto

/// Who a client says it is by SCRAM, and whether its proof was right. The account itself has still to be looked at.
public struct SCRAMClaim: Equatable, Sendable {
    /// Whom the client wants to act as; nil when it is whom it authenticates as.
    public var authorizationIdentity: String?
    /// The login name: 1 to 255 octets of UTF-8 without NUL.
    public var authenticationIdentity: String
    /// Those against which the proof was checked: the password may have been changed since.
    public var keys: SCRAMKeys
    public var isProven: Bool

    public init(
        authorizationIdentity: String? = nil, authenticationIdentity: String, keys: SCRAMKeys, isProven: Bool
    ) {
        self.authorizationIdentity = authorizationIdentity
        self.authenticationIdentity = authenticationIdentity
        self.keys = keys
        self.isProven = isProven
    }
}

/// What the server's side of SCRAM needs in the midst of an exchange: the answer to `lookUp`.
///
/// No description or dump of it shows the keys.
public struct SCRAMOffer: Equatable, Sendable {
    public var keys: SCRAMKeys
    /// Printable, without comma (RFC 5802 §7).
    public var nonce: String

    public init(keys: SCRAMKeys, nonce: String) {
        self.keys = keys
        self.nonce = nonce
    }

    /// - Parameter nonceOctets: fresh, from a generator that nobody can foretell; 18 or more.
    public init(keys: SCRAMKeys, nonceOctets: [UInt8]) {
        self.init(keys: keys, nonce: String(decoding: Base64.encode(nonceOctets), as: UTF8.self))
    }
}
