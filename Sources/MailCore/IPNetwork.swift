/// A range of addresses in CIDR notation (RFC 4632 §3.1): `192.0.2.0/24`, `2001:db8::/32`; an address alone is itself.
public struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// Bits behind the prefix are kept as they were given, and never matter.
    public let address: IPAddress
    /// 0 to 32, or 0 to 128.
    public let prefixLength: Int

    /// - Returns: nil when the length does not fit the address.
    public init?(_ address: IPAddress, prefixLength: Int) {
        guard (0...(address.isIPv4 ? 32 : 128)).contains(prefixLength) else { return nil }
        self.address = address
        self.prefixLength = prefixLength
    }

    public init?(_ text: some StringProtocol) {
        guard let slash = text.firstIndex(of: "/") else {
            guard let address = IPAddress(text) else { return nil }
            self.init(address, prefixLength: address.isIPv4 ? 32 : 128)
            return
        }
        let digits = text[text.index(after: slash)...]
        guard digits.utf8.count <= 3, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let address = IPAddress(text[..<slash]), let length = Int(digits)
        else { return nil }
        self.init(address, prefixLength: length)
    }

    public func contains(_ other: IPAddress) -> Bool {
        other.isInside(address, prefixLength: prefixLength)
    }

    public var description: String { "\(address)/\(prefixLength)" }
}
