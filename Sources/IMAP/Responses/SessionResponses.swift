public import NIOCore

/// Responses that are about the session (RFC 3501 §7.2.1, RFC 2342, RFC 2971, RFC 5161).
extension ByteBuffer {
    /// `* CAPABILITY words`
    mutating func writeCapability(_ words: String) {
        writeStaticString("* CAPABILITY ")
        writeString(words)
        writeLineEnd()
    }

    /// `* ENABLED words`; without words too (RFC 5161 §3.2).
    mutating func writeEnabled(_ words: [String]) {
        writeStaticString("* ENABLED")
        for word in words {
            writeStaticString(" ")
            writeString(word)
        }
        writeLineEnd()
    }

    /// `* LANGUAGE (en)` (RFC 5255 §3.6)
    mutating func writeLanguages(_ tags: [String]) {
        writeStaticString("* LANGUAGE (")
        writeString(tags.joined(separator: " "))
        writeStaticString(")\r\n")
    }

    /// `* NAMESPACE`: one personal namespace at the root, and what others share; no mailbox is nobody's.
    public mutating func writeNamespaces() {
        writeString("* NAMESPACE ((\"\" \"/\")) ((\"\(SharedName.prefix)\" \"/\")) NIL\r\n")
    }

    /// `* ID (…)`; NIL for an empty list.
    public mutating func writeID(_ fields: [IDField]) {
        writeStaticString("* ID ")
        if fields.isEmpty {
            writeStaticString("NIL\r\n")
            return
        }
        for (index, field) in fields.enumerated() {
            writeStaticString(index == 0 ? "(" : " ")
            writeString(octets: field.name.utf8)
            writeStaticString(" ")
            writeNString(field.value)
        }
        writeStaticString(")\r\n")
    }
}
