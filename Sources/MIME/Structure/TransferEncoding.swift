public import NIOCore

/// The value of a Content-Transfer-Encoding field (RFC 2045 §6).
public enum TransferEncoding: Hashable, Sendable {
    case sevenBit
    case eightBit
    case binary
    case quotedPrintable
    case base64
    /// Lower case; octets in it are taken as they are.
    case other(String)

    /// Nil when there is no word in it.
    public init?(parsing value: ByteBuffer) {
        guard let parsed = value.withOctets({ Self.parse($0, $0.all) }) else { return nil }
        self = parsed
    }

    static func parse(_ view: Octets, _ range: Range<Int>) -> TransferEncoding? {
        var lexer = Lexer(view, range)
        lexer.skipCFWS()
        let word = lexer.word(until: "(;\"")
        guard !word.isEmpty, word.count <= 127 else { return nil }
        return TransferEncoding(name: view.lowered(word))
    }

    private init(name: String) {
        switch name {
        case "7bit": self = .sevenBit
        case "8bit": self = .eightBit
        case "binary": self = .binary
        case "quoted-printable": self = .quotedPrintable
        case "base64": self = .base64
        default: self = .other(name)
        }
    }

    /// Lower case, as BODYSTRUCTURE shows it.
    public var name: String {
        switch self {
        case .sevenBit: "7bit"
        case .eightBit: "8bit"
        case .binary: "binary"
        case .quotedPrintable: "quoted-printable"
        case .base64: "base64"
        case .other(let name): name
        }
    }

    /// The octets meant, at most about `octetsMax` of them; what is no valid encoding is passed over.
    public func decode(_ octets: ByteBuffer, octetsMax: Int = .max) -> ByteBuffer {
        switch self {
        case .base64: Base64.decode(octets, octetsMax: octetsMax)
        case .quotedPrintable: QuotedPrintable.decode(octets, octetsMax: octetsMax)
        case .sevenBit, .eightBit, .binary, .other: octets.slice(0..<min(octets.readableBytes, max(0, octetsMax)))
        }
    }
}
