/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is always held as IPv4.
public enum IPAddress: Hashable, Sendable {
    /// The four octets, the first one the highest.
    case v4(UInt32)
    /// The sixteen octets, the first one the highest of `high`.
    case v6(high: UInt64, low: UInt64)

    /// Reads dotted decimal without leading zeros, or RFC 4291 §2.2 text without a zone; nil for all else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        let octets = Array(text.utf8)
        if let address = Self.dottedDecimal(octets[...]) {
            self = .v4(address)
        } else if let address = Self.hexadecimalGroups(octets) {
            self = address
        } else {
            return nil
        }
    }

    /// Takes 4 or 16 octets in network order, as in an A or AAAA record; nil for any other count.
    public init?(octets: some Collection<UInt8>) {
        switch octets.count {
        case 4:
            self = .v4(octets.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            let high = octets.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let low = octets.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            self = Self.normalised(high: high, low: low)
        default:
            return nil
        }
    }

    public var isIPv4: Bool {
        if case .v4 = self { true } else { false }
    }

    /// 4 or 16, in network order.
    public var octets: [UInt8] {
        switch self {
        case .v4(let address):
            return (0..<4).map { UInt8(truncatingIfNeeded: address >> (24 - 8 * UInt32($0))) }
        case .v6(let high, let low):
            return [high, low].flatMap { half in
                (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) }
            }
        }
    }

    /// 127.0.0.0/8 and ::1.
    public var isLoopback: Bool {
        switch self {
        case .v4(let address): address >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// The name whose PTR records name this address, without a final dot: under `in-addr.arpa` (RFC 1035 §3.5) or
    /// `ip6.arpa` (RFC 3596 §2.5).
    public var reverseName: String {
        switch self {
        case .v4: reversedLabels.joined(separator: ".") + ".in-addr.arpa"
        case .v6: reversedLabels.joined(separator: ".") + ".ip6.arpa"
        }
    }

    /// The labels of the reverse name, for block lists (RFC 5782 §2.1) too: decimal octets, or nibbles, last first.
    public var reversedLabels: [String] {
        switch self {
        case .v4: octets.reversed().map { String($0) }
        case .v6: octets.reversed().flatMap { [String($0 & 15, radix: 16), String($0 >> 4, radix: 16)] }
        }
    }

    /// Whether the first `prefixLength` bits are those of `network`. False when the families differ; a length beyond
    /// the address counts as its whole length, a negative one as 0.
    public func isInside(_ network: IPAddress, prefixLength: Int) -> Bool {
        switch (self, network) {
        case (.v4(let address), .v4(let other)):
            return Self.agree(UInt64(address) << 32, UInt64(other) << 32, bits: min(prefixLength, 32))
        case (.v6(let high, let low), .v6(let otherHigh, let otherLow)):
            return Self.agree(high, otherHigh, bits: min(prefixLength, 64))
                && Self.agree(low, otherLow, bits: min(prefixLength, 128) - 64)
        default:
            return false
        }
    }

    private static func agree(_ a: UInt64, _ b: UInt64, bits: Int) -> Bool {
        bits <= 0 || (a ^ b) >> UInt64(64 - bits) == 0
    }

    private static func normalised(high: UInt64, low: UInt64) -> IPAddress {
        high == 0 && low >> 32 == 0xffff ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high: high, low: low)
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the canonical text of RFC 5952 §4.
    public var description: String {
        guard case .v6(let high, let low) = self else { return octets.map { String($0) }.joined(separator: ".") }
        let groups = [high, low].flatMap { half in
            (0..<4).map { UInt16(truncatingIfNeeded: half >> (48 - 16 * UInt64($0))) }
        }
        let zeros = Self.longestZeros(groups)
        let text = { (range: Range<Int>) in groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
        guard zeros.count > 1 else { return text(0..<8) }
        return text(0..<zeros.lowerBound) + "::" + text(zeros.upperBound..<8)
    }

    /// RFC 5952 §4.2.3: the first of the longest runs.
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > best.count {
                best = start..<index + 1
            }
        }
        return best
    }
}

extension IPAddress {
    /// Four numbers of 0 to 255 without leading zeros (an octal reading of them is a known trap).
    private static func dottedDecimal(_ octets: ArraySlice<UInt8>) -> UInt32? {
        let parts = octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let first = part.first, part.count <= 3, first != UInt8(ascii: "0") || part.count == 1 else {
                return nil
            }
            var value: UInt32 = 0
            for octet in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) else { return nil }
                value = value * 10 + UInt32(octet - UInt8(ascii: "0"))
            }
            guard value <= 255 else { return nil }
            address = address << 8 | value
        }
        return address
    }

    /// RFC 4291 §2.2: eight groups, `::` at most once for one or more groups of zeros, dotted decimal for the last two.
    private static func hexadecimalGroups(_ octets: [UInt8]) -> IPAddress? {
        var parts = octets.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard (3...9).contains(parts.count) else { return nil }
        // A colon at an end must be half of a "::" there: drop one of the two empty parts that it makes.
        if parts[0].isEmpty {
            guard parts[1].isEmpty else { return nil }
            parts.removeFirst()
        }
        if let last = parts.last, last.isEmpty, parts.count > 1 {
            guard parts[parts.count - 2].isEmpty else { return nil }
            parts.removeLast()
        }
        var groups: [UInt16] = []
        var gap: Int?
        for (index, part) in parts.enumerated() {
            if part.isEmpty {
                guard gap == nil else { return nil }
                gap = groups.count
            } else if part.contains(UInt8(ascii: ".")) {
                guard index == parts.count - 1, let address = dottedDecimal(part) else { return nil }
                groups += [UInt16(truncatingIfNeeded: address >> 16), UInt16(truncatingIfNeeded: address)]
            } else {
                guard let group = hexadecimalGroup(part) else { return nil }
                groups.append(group)
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: Array(repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        return normalised(
            high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
    }

    private static func hexadecimalGroup(_ part: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(part.count) else { return nil }
        var value: UInt16 = 0
        for octet in part {
            let digit: UInt8
            switch octet {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = octet - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = octet - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = octet - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
