internal import MIME
internal import NIOCore

/// Which header lines are kept beside the index, so that what desktop clients ask for needs no read of bodies.
public enum HeaderFields {
    /// Lower case. The list is version 1 of the stored blob.
    public static let names: Set<String> = [
        "from", "to", "cc", "bcc", "subject", "date", "message-id", "priority", "x-priority", "references",
        "newsgroups",
        "in-reply-to", "content-type", "reply-to", "sender", "list-id", "list-help", "list-unsubscribe",
        "list-unsubscribe-post", "list-subscribe", "list-post", "list-owner", "list-archive",
    ]

    /// Whether the stored lines hold all that is asked for: all of these fields in the order of the header.
    public static func cover(_ wanted: some Sequence<String>) -> Bool {
        wanted.allSatisfy { names.contains($0.lowercased()) }
    }

    /// Longer ones are read from the body.
    static let octetsMax = 16_384

    /// Version 1 and the lines; version 0 alone when they are too long.
    static func stored(_ header: MIME.Header) -> [UInt8] {
        var lines: [UInt8] = [1]
        for field in header.fields where names.contains(header.name(of: field).lowercased()) {
            lines.append(contentsOf: header.lines(of: field).readableBytesView)
            if lines.last != 0x0a { lines += [0x0d, 0x0a] }
            if lines.count > octetsMax { return [0] }
        }
        return header.isCut ? [0] : lines
    }

    /// What is kept for one account: where its own lines hold a field of the list, none are, so that the kept ones are
    /// always all there are.
    static func stored(_ lines: [UInt8], behind prefix: [UInt8]) -> [UInt8] {
        guard !prefix.isEmpty else { return lines }
        let own = MIME.Header(parsing: ByteBuffer(bytes: prefix))
        return own.fields.contains { names.contains(own.name(of: $0).lowercased()) } ? [0] : lines
    }

    static func read(_ octets: UnsafeRawBufferPointer) -> ByteBuffer? {
        octets.first == 1 ? ByteBuffer(bytes: octets.dropFirst()) : nil
    }
}
