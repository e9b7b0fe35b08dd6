public import NIOCore

/// The value of a Content-Disposition field (RFC 2183).
public struct Disposition: Hashable, Sendable {
    /// Lower case: "inline", "attachment" or another.
    public var kind: String
    public var parameters: Parameters

    public init(_ kind: String, parameters: Parameters = Parameters()) {
        self.kind = kind
        self.parameters = parameters
    }

    /// RFC 2183 §2.8: an unknown kind is treated like an attachment.
    public var isAttachment: Bool { kind != "inline" }

    /// Nil when there is no word in it.
    public init?(parsing value: ByteBuffer) {
        guard let parsed = value.withOctets({ Self.parse($0, $0.all) }) else { return nil }
        self = parsed
    }

    static func parse(_ view: Octets, _ range: Range<Int>) -> Disposition? {
        var lexer = Lexer(view, range)
        lexer.skipCFWS()
        let kind = lexer.word(until: ";(\"=")
        guard !kind.isEmpty, kind.count <= 127 else { return nil }
        return Disposition(view.lowered(kind), parameters: Parameters(parsing: &lexer))
    }
}
