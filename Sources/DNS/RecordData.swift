public import MailCore

/// An MX record (RFC 1035 §3.3.9).
public struct MailExchanger: Hashable, Sendable {
    /// The lowest is tried first.
    public var preference: UInt16
    /// Without a final dot; empty for the root, as in a null MX (RFC 7505 §3).
    public var host: String

    public init(preference: UInt16, host: String) {
        self.preference = preference
        self.host = host
    }
}

/// A TLSA record (RFC 6698 §2.1), its numbers unjudged.
public struct TLSARecord: Hashable, Sendable {
    public var certificateUsage: UInt8
    public var selector: UInt8
    public var matchingType: UInt8
    public var associationData: [UInt8]

    public init(certificateUsage: UInt8, selector: UInt8, matchingType: UInt8, associationData: [UInt8]) {
        self.certificateUsage = certificateUsage
        self.selector = selector
        self.matchingType = matchingType
        self.associationData = associationData
    }
}

/// Reads RDATA. Every function returns nil for octets that are not of its type.
public enum RecordData {
    /// A: 4 octets (RFC 1035 §3.4.1).
    public static func ipv4(_ data: [UInt8]) -> IPAddress? {
        data.count == 4 ? IPAddress(octets: data) : nil
    }

    /// AAAA: 16 octets (RFC 3596 §2.2).
    public static func ipv6(_ data: [UInt8]) -> IPAddress? {
        data.count == 16 ? IPAddress(octets: data) : nil
    }

    /// NS, CNAME, PTR: one name.
    public static func name(_ data: [UInt8]) -> String? {
        name(data[...])
    }

    public static func mailExchanger(_ data: [UInt8]) -> MailExchanger? {
        guard data.count >= 3, let host = name(data[2...]) else { return nil }
        return MailExchanger(preference: UInt16(data[0]) << 8 | UInt16(data[1]), host: host)
    }

    /// TXT: its strings joined without a space between them (RFC 7208 §3.3, RFC 6376 §3.6.2.2).
    public static func text(_ data: [UInt8]) -> [UInt8]? {
        guard !data.isEmpty else { return nil }
        var text: [UInt8] = []
        text.reserveCapacity(data.count)
        var rest = data[...]
        while let length = rest.popFirst() {
            guard rest.count >= Int(length) else { return nil }
            text += rest.prefix(Int(length))
            rest.removeFirst(Int(length))
        }
        return text
    }

    public static func tlsa(_ data: [UInt8]) -> TLSARecord? {
        guard data.count > 3 else { return nil }
        return TLSARecord(
            certificateUsage: data[0], selector: data[1], matchingType: data[2], associationData: Array(data[3...]))
    }

    /// A whole uncompressed name of printable octets; nil too for a dot or backslash inside a label, which no host
    /// has and which our text form cannot say.
    private static func name(_ data: ArraySlice<UInt8>) -> String? {
        guard data.count <= 255 else { return nil }
        var rest = data
        var text: [UInt8] = []
        while let length = rest.popFirst() {
            if length == 0 { return rest.isEmpty ? String(decoding: text, as: UTF8.self) : nil }
            guard length <= 63, rest.count >= Int(length) else { return nil }
            let label = rest.prefix(Int(length))
            guard label.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "\\") })
            else {
                return nil
            }
            if !text.isEmpty { text.append(UInt8(ascii: ".")) }
            text += label
            rest.removeFirst(Int(length))
        }
        return nil
    }
}
