import MailCore
import NIOCore

/// What a Received field tells of the way of a message.
enum RelayTokens {
    case host([UInt8])
    /// The first two, and the first three octets of an IPv4 address; of IPv6 the first two and three groups.
    case network16(String)
    case network24(String)

    private static let octetsMax = 1_000

    static func read(_ value: ByteBuffer) -> [RelayTokens] {
        var found: [RelayTokens] = []
        for run in value.readableBytesView.prefix(octetsMax).split(whereSeparator: { !isNameOctet($0) }) {
            guard run.contains(UInt8(ascii: ".")) || run.filter({ $0 == UInt8(ascii: ":") }).count > 3 else { continue }
            if let address = IPAddress(String(decoding: run, as: UTF8.self)) {
                found += networks(of: address)
            } else if run.contains(where: { ($0 | 0x20) &- 0x61 < 26 }), (3...255).contains(run.count) {
                found.append(.host(run.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }))
            }
        }
        return found
    }

    private static func networks(of address: IPAddress) -> [RelayTokens] {
        let octets = address.octets
        let step = address.isIPv4 ? 1 : 2
        let groups = stride(from: 0, to: 3 * step, by: step).map { start in
            octets[start..<start + step].map { String($0) }.joined(separator: "-")
        }
        return [.network16(groups.prefix(2).joined(separator: ".")), .network24(groups.joined(separator: "."))]
    }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: octet == UInt8(ascii: ".") || octet == UInt8(ascii: "-") || octet == UInt8(ascii: ":")
        }
    }
}
