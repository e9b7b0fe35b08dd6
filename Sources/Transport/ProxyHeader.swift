import MailCore
import NIOCore

/// What a proxy says of the client before the client's own octets (the PROXY protocol of HAProxy, versions 1 and 2).
enum ProxyHeader {
    enum Outcome: Equatable {
        case incomplete
        /// No header, or one that cannot be read: who is on the other side is not known.
        case invalid
        /// The client; nil when the proxy speaks for itself (a health check).
        case client(SocketEndpoint?)
    }

    /// Version 1 has 107 octets at most; of version 2 we take so many, which is far above what addresses and the usual
    /// extensions need.
    static let octetsMax = 2_048

    private static let signature: [UInt8] = [
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    ]

    /// Takes the header from `input` once it is there whole.
    static func read(_ input: inout ByteBuffer) -> Outcome {
        let start = input.readableBytesView.prefix(signature.count)
        if start.elementsEqual(signature.prefix(start.count)) {
            return start.count < signature.count ? .incomplete : readBinary(&input)
        }
        return readText(&input)
    }

    /// Version 1:
    ///
    ///     "PROXY" SP ("TCP4" / "TCP6") SP source SP destination SP port SP port CRLF
    ///     "PROXY" SP "UNKNOWN" *any CRLF
    private static func readText(_ input: inout ByteBuffer) -> Outcome {
        let view = input.readableBytesView
        guard let lf = view.prefix(107).firstIndex(of: UInt8(ascii: "\n")) else {
            let word = Array("PROXY ".utf8.prefix(view.count))
            return view.count < 107 && view.starts(with: word) ? .incomplete : .invalid
        }
        guard let line = input.readString(length: lf - view.startIndex + 1), line.hasSuffix("\r\n") else {
            return .invalid
        }
        let words = line.dropLast().split(separator: " ", omittingEmptySubsequences: false)
        guard words.first == "PROXY", words.count >= 2 else { return .invalid }
        if words[1] == "UNKNOWN" { return .client(nil) }
        guard words.count == 6, let address = IPAddress(words[2]), IPAddress(words[3]) != nil,
            address.isIPv4 == (words[1] == "TCP4"), address.isIPv4 || words[1] == "TCP6",
            let port = UInt16(words[4]), UInt16(words[5]) != nil
        else { return .invalid }
        return .client(SocketEndpoint(host: "\(address)", port: Int(port)))
    }

    /// Version 2: the signature, version and command, family and protocol, a length of two octets, addresses.
    private static func readBinary(_ input: inout ByteBuffer) -> Outcome {
        var rest = input
        rest.moveReaderIndex(forwardBy: signature.count)
        guard let command: UInt8 = rest.readInteger(), let family: UInt8 = rest.readInteger(),
            let length: UInt16 = rest.readInteger()
        else { return .incomplete }
        guard command == 0x20 || command == 0x21, Int(length) <= octetsMax else { return .invalid }
        guard let addresses = rest.readBytes(length: Int(length)) else { return .incomplete }
        input = rest
        // A check of the proxy's own, or a kind of address that is not ours: the connection is the proxy's.
        guard command == 0x21, family == 0x11 || family == 0x21 else { return .client(nil) }
        let size = family == 0x11 ? 4 : 16
        guard addresses.count >= 2 * size + 4, let address = IPAddress(octets: addresses.prefix(size)) else {
            return .invalid
        }
        let port = Int(addresses[2 * size]) << 8 | Int(addresses[2 * size + 1])
        return .client(SocketEndpoint(host: "\(address)", port: port))
    }
}
