public import MIME
internal import NIOCore

/// The text of a message in which searches look: one definition for the index, for what the index cannot tell, and for
/// mail that is not indexed yet.
///
/// It comes in pieces, each folded (`CaseFolding`), and a needle is in the text when it is in one of them:
/// - each field of a header as "Name: value", unfolded, its encoded words decoded (RFC 2047); a line that is no field as it
///   stands. An account's own lines belong to the header.
/// - in the body, the fields of every part and of every message inside, the text of every part that is text, its transfer
///   encoding and charset undone and HTML reduced to what it shows, and the name of every attachment, as it is meant. The
///   source of HTML, and what stands around and between the parts, is not looked at.
public enum SearchText {
    public enum Area: Int, Sendable {
        /// The fields of the message, and the account's own lines.
        case header
        /// What RFC 3501 §6.4.4 calls the body.
        case body
    }

    /// Whether one of the fields holds the text.
    public static func holds(_ needle: Needle, in header: Header) -> Bool {
        var pieces = SearchPieces()
        return !pieces.read(header) { !needle.isIn($0) }
    }

    /// Whether the body holds the text.
    public static func bodyHolds(_ needle: Needle, in message: MIME.Message) -> Bool {
        var pieces = SearchPieces()
        return !pieces.readBody(of: message) { !needle.isIn($0) }
    }
}

extension Header {
    /// Whether the value of a field of that name, decoded, holds the text, or with an empty one: whether there is such a
    /// field (RFC 3501 §6.4.4, HEADER).
    public func holds(_ needle: Needle, inFieldsNamed name: String) -> Bool {
        var text: [UInt8] = []
        return octets.withUnsafeReadableBytes { octets in
            all(name).contains { field in
                if needle.isEmpty { return true }
                text.removeAll(keepingCapacity: true)
                HeaderValue.append(UnsafeRawBufferPointer(rebasing: octets[field.value]), to: &text)
                return needle.isIn(text)
            }
        }
    }
}

/// Makes the pieces of `SearchText`, one after the other in the same memory.
struct SearchPieces {
    private var piece: [UInt8] = []

    /// Hands each field of a header to `take`, until that returns false.
    ///
    /// - Returns: false when it was stopped.
    mutating func read(_ header: Header, _ take: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        header.octets.withUnsafeReadableBytes { octets in
            header.fields.allSatisfy { field in
                piece.removeAll(keepingCapacity: true)
                if !field.name.isEmpty {
                    append(UnsafeRawBufferPointer(rebasing: octets[field.name]))
                    piece += [UInt8(ascii: ":"), UInt8(ascii: " ")]
                }
                HeaderValue.append(UnsafeRawBufferPointer(rebasing: octets[field.value]), to: &piece)
                return piece.withUnsafeBytes(take)
            }
        }
    }

    /// Hands the pieces of a body to `take`, until that returns false.
    ///
    /// - Parameter octetsMax: of each part; what lies behind is left out.
    /// - Returns: false when it was stopped.
    mutating func readBody(
        of message: MIME.Message, octetsMax: Int = .max, _ take: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        var isRoot = true
        var isWhole = true
        message.forEachPart { part in
            if !isRoot { isWhole = read(part.header, take) }
            isRoot = false
            isWhole = isWhole && readName(of: part, take) && readText(of: part, octetsMax, take)
            return isWhole
        }
        return isWhole
    }

    private mutating func readName(of part: Part, _ take: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        guard part.kind == .leaf, let name = part.fileName else { return true }
        piece = CaseFolding.folded(name)
        return piece.withUnsafeBytes(take)
    }

    private mutating func readText(
        of part: Part, _ octetsMax: Int, _ take: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        guard part.kind == .leaf, Self.isText(part) else { return true }
        piece.removeAll(keepingCapacity: true)
        let body = part.decodedBody(octetsMax: octetsMax)
        let charset = part.contentType.isText ? part.charset : nil
        let isHTML = part.contentType.subtype == "html"
        let isPlain = !isHTML && Self.extendsASCII(charset)
        if !(isPlain && body.withUnsafeReadableBytes({ CaseFolding.appendASCII($0, to: &piece) })) {
            let text = Charset.decode(body, named: charset)
            append(isHTML ? HTML.text(of: text) : text)
        }
        return piece.withUnsafeBytes(take)
    }

    /// Reports of delivery and their like (RFC 3464) are lines of text, too.
    static func isText(_ part: Part) -> Bool { part.contentType.isText || part.contentType.type == "message" }

    /// The charsets of nearly all mail in which US-ASCII's octets mean what they mean there.
    private static func extendsASCII(_ charset: String?) -> Bool {
        guard let name = charset?.lowercased() else { return true }
        return name == "utf-8" || name == "us-ascii" || name.hasPrefix("iso-8859-") || name.hasPrefix("windows-125")
    }

    private mutating func append(_ octets: UnsafeRawBufferPointer) {
        if !CaseFolding.appendASCII(octets, to: &piece) { append(String(decoding: octets, as: UTF8.self)) }
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { CaseFolding.append(UnsafeRawBufferPointer($0), to: &piece) }
    }
}
