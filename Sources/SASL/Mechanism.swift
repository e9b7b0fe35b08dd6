/// A SASL mechanism (RFC 4422 §3.1) that a server can offer.
///
/// Both of today's send the password as it is: a server offers them on a connection with TLS only (RFC 4616 §5).
public enum Mechanism: String, CaseIterable, Hashable, Sendable {
    /// RFC 4616.
    case plain = "PLAIN"
    /// Never standardised (draft-murchison-sasl-login), but the only one that some clients know.
    case login = "LOGIN"

    /// The mechanism of that name, as AUTH or AUTHENTICATE brings it; upper and lower case are equal.
    public init?(name: some Collection<UInt8>) {
        guard name.count <= Self.nameOctetsMax else { return nil }
        let upper = name.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 & ~0x20 : $0 }
        guard let mechanism = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(upper) }) else { return nil }
        self = mechanism
    }

    /// RFC 4422 §3.1: 1 to 20 octets.
    public static let nameOctetsMax = 20
}
