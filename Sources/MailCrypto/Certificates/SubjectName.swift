import Glibc

/// A name that a certificate is good for (subjectAltName, RFC 5280 §4.2.1.6).
public enum SubjectName: Hashable, Sendable, CustomStringConvertible {
    /// A host name, in lower case; its first label may be "*".
    case host(String)
    /// An address in its usual text form.
    case address(String)

    /// Takes "mail.example.test", "*.example.test", "127.0.0.1" or "::1"; nil for anything else.
    public init?(_ text: String) {
        if let address = Self.canonicalAddress(text) {
            self = .address(address)
        } else if Self.isHostName(text) {
            self = .host(text.lowercased())
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .host(let name): name
        case .address(let text): text
        }
    }

    /// As libcrypto's configuration language has it. `init` let nothing through that means something there.
    var configuration: String {
        switch self {
        case .host(let name): "DNS:\(name)"
        case .address(let text): "IP:\(text)"
        }
    }

    /// RFC 1123 §2.1, with 63 octets a label and 253 in all (RFC 1035 §2.3.4).
    private static func isHostName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.enumerated().allSatisfy { index, label in
            if index == 0, label == "*" { return labels.count > 1 }
            return (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { octet in
                    switch octet {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }

    private static func canonicalAddress(_ text: String) -> String? {
        guard !text.utf8.contains(0) else { return nil }
        var octets = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &octets) == 1 { return Self.text(ofAddress: octets[..<4]) }
        if inet_pton(AF_INET6, text, &octets) == 1 { return Self.text(ofAddress: octets[...]) }
        return nil
    }

    /// The text of 4 or 16 octets; nil for any other number.
    static func text(ofAddress octets: ArraySlice<UInt8>) -> String? {
        let family = octets.count == 4 ? AF_INET : AF_INET6
        guard octets.count == 4 || octets.count == 16 else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            octets.withUnsafeBytes { octets in
                inet_ntop(family, octets.baseAddress, buffer.baseAddress, socklen_t(buffer.count)).map {
                    String(cString: $0)
                }
            }
        }
    }
}
