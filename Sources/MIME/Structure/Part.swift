public import NIOCore

/// One entity of a message: the message itself, a part of a multipart, or a message inside a message (RFC 2045 §2.4).
public struct Part: Sendable {
    public enum Kind: Hashable, Sendable {
        case leaf
        /// `children` are its parts, one at least.
        case multipart
        /// `children` is the one message in it.
        case message
    }

    public internal(set) var header: Header
    /// Behind the header's empty line up to the line ending that belongs to the delimiter (RFC 2046 §5.1.1).
    public internal(set) var body: Range<Int>
    /// Line feeds in the body.
    public internal(set) var bodyLines: Int
    public internal(set) var kind: Kind
    /// What the entity is treated as: a multipart in which no part is found is plain text, and a container that is
    /// nested too deep is `application/octet-stream`. With the default of RFC 2045 §5.2 or RFC 2046 §5.1.5.
    public internal(set) var contentType: ContentType
    public internal(set) var transferEncoding: TransferEncoding
    public internal(set) var children: [Part]

    /// Header and body.
    public var range: Range<Int> { header.range.lowerBound..<body.upperBound }

    /// Octets of the body as it is encoded.
    public var bodyOctets: Int { body.count }

    /// The body as it is encoded; shares the storage of the message.
    public var encodedBody: ByteBuffer { header.octets.slice(body) }

    /// The body with its transfer encoding undone, at most about `octetsMax` octets of it.
    public func decodedBody(octetsMax: Int = .max) -> ByteBuffer {
        transferEncoding.decode(encodedBody, octetsMax: octetsMax)
    }

    /// The message inside a message/rfc822.
    public var embedded: Part? { kind == .message ? children.first : nil }

    /// Content-ID as written (RFC 2045 §7), angle brackets included.
    public var contentID: ByteBuffer? { header.unfolded("Content-ID") }

    /// Content-Description as written (RFC 2045 §8).
    public var contentDescription: ByteBuffer? { header.unfolded("Content-Description") }

    /// Content-MD5 as written (RFC 1864).
    public var contentMD5: ByteBuffer? { header.unfolded("Content-MD5") }

    /// Content-Location as written (RFC 2557 §4).
    public var contentLocation: ByteBuffer? { header.unfolded("Content-Location") }

    /// The tags of Content-Language (RFC 3282 §2), at most 100.
    public var contentLanguages: [String] {
        guard let field = header.first("Content-Language") else { return [] }
        return header.octets.withOctets { view in
            var lexer = Lexer(view, field.value)
            var tags: [String] = []
            while tags.count < 100 {
                lexer.skipCFWS()
                if lexer.isAtEnd { break }
                let word = lexer.word(until: ",(")
                if !word.isEmpty { tags.append(view.string(word)) }
                if !lexer.take(","), word.isEmpty { break }
            }
            return tags
        }
    }

    public var disposition: Disposition? {
        guard let field = header.first("Content-Disposition") else { return nil }
        return header.octets.withOctets { Disposition.parse($0, field.value) }
    }

    /// The name to store an attachment under: "filename" of the disposition, else "name" of the type; nil without.
    /// It may hold any character, slashes included.
    public var fileName: String? { disposition?.parameters["filename"] ?? contentType.parameters["name"] }
}
