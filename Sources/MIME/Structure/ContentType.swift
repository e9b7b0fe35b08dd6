public import NIOCore

/// The value of a Content-Type field (RFC 2045 §5).
public struct ContentType: Hashable, Sendable {
    /// Lower case.
    public var type: String
    /// Lower case.
    public var subtype: String
    public var parameters: Parameters

    public init(_ type: String, _ subtype: String, parameters: Parameters = Parameters()) {
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
    }

    /// RFC 2045 §5.2: what an entity without a Content-Type, or with one that cannot be read, is.
    public static let plainText = ContentType(
        "text", "plain", parameters: Parameters([.init(name: "charset", value: Array("us-ascii".utf8))]))

    /// RFC 2046 §5.1.5: what a part of a digest is unless it says otherwise.
    public static let message = ContentType("message", "rfc822")

    /// What a container is described as that is nested too deep to be opened.
    public static let opaque = ContentType("application", "octet-stream")

    public var isText: Bool { type == "text" }
    public var isMultipart: Bool { type == "multipart" }
    /// message/rfc822, or message/global (RFC 6532 §3.7).
    public var isMessage: Bool { type == "message" && (subtype == "rfc822" || subtype == "global") }

    /// Nil when there is no `type "/" subtype` in it.
    public init?(parsing value: ByteBuffer) {
        guard let parsed = value.withOctets({ Self.parse($0, $0.all) }) else { return nil }
        self = parsed
    }

    static func parse(_ view: Octets, _ range: Range<Int>) -> ContentType? {
        var lexer = Lexer(view, range)
        lexer.skipCFWS()
        let type = lexer.word(until: "/;(\"=,")
        lexer.skipCFWS()
        guard !type.isEmpty, lexer.take("/") else { return nil }
        lexer.skipCFWS()
        let subtype = lexer.word(until: ";(\"=,/")
        guard !subtype.isEmpty, type.count <= nameOctetsMax, subtype.count <= nameOctetsMax else { return nil }
        return ContentType(
            view.lowered(type), view.lowered(subtype), parameters: Parameters(parsing: &lexer))
    }

    /// RFC 6838 §4.2: a name of a type has at most 127 octets.
    private static let nameOctetsMax = 127
}

extension Octets {
    /// The octets of a name in lower case; those above 127 become U+FFFD where they are no UTF-8.
    func lowered(_ range: Range<Int>) -> String {
        let octets = self[range]
        return String(unsafeUninitializedCapacity: octets.count * 3) { target in
            guard octets.allSatisfy({ $0 < 0x80 }) else {
                let text = String(decoding: octets, as: UTF8.self)
                return text.utf8.count <= target.count ? target.update(fromContentsOf: text.utf8) : 0
            }
            for (index, octet) in octets.enumerated() { target[index] = octet.asciiLowered }
            return octets.count
        }
    }
}
