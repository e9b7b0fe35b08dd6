/// A SASL mechanism (RFC 4422 §3.1) that a server can offer.
public enum Mechanism: String, CaseIterable, Hashable, Sendable {
    /// RFC 5802 §6 and RFC 7677: SCRAM-SHA-256 that is tied to the TLS below it.
    case scramSHA256Plus = "SCRAM-SHA-256-PLUS"
    /// RFC 7677: the password never leaves the client.
    case scramSHA256 = "SCRAM-SHA-256"
    /// RFC 4616. Sends the password as it is, so over TLS only (§5).
    case plain = "PLAIN"
    /// Never standardised (draft-murchison-sasl-login), but the only one that some clients know. As PLAIN.
    case login = "LOGIN"

    /// The mechanism of that name, as AUTH or AUTHENTICATE brings it; upper and lower case are equal.
    public init?(name: some Collection<UInt8>) {
        guard name.count <= Self.nameOctetsMax else { return nil }
        let upper = name.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 & ~0x20 : $0 }
        guard let mechanism = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(upper) }) else { return nil }
        self = mechanism
    }

    /// What to announce, the strongest first.
    ///
    /// - Parameters:
    ///   - scram: whether every account can log in so. Clients take the strongest that they know and do not try another.
    ///   - isBound: whether TLS is there with something to tie to.
    public static func offered(scram: Bool, isBound: Bool) -> [Mechanism] {
        (scram ? (isBound ? [.scramSHA256Plus, .scramSHA256] : [.scramSHA256]) : []) + [.plain, .login]
    }

    /// RFC 4422 §3.1: 1 to 20 octets.
    public static let nameOctetsMax = 20
}
