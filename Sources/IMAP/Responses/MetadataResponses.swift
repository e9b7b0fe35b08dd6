public import NIOCore

extension ByteBuffer {
    /// `* METADATA "INBOX" /private/comment`: what changed, without its value (RFC 5464 §4.4.2).
    public mutating func writeMetadata(_ mailbox: MailboxName?, changed names: [String], utf8: Bool) {
        guard !names.isEmpty else { return }
        writeStaticString("* METADATA ")
        if let mailbox { writeMailbox(mailbox, utf8: utf8) } else { writeStaticString("\"\"") }
        for name in names {
            writeStaticString(" ")
            writeAString(Array(name.utf8))
        }
        writeLineEnd()
    }

    /// `* METADATA "INBOX" (/private/comment "text")`; nil for the server itself, and for a note that there is not.
    public mutating func writeMetadata(
        _ mailbox: MailboxName?, _ values: [(name: String, value: [UInt8]?)], utf8: Bool
    ) {
        guard !values.isEmpty else { return }
        writeStaticString("* METADATA ")
        if let mailbox { writeMailbox(mailbox, utf8: utf8) } else { writeStaticString("\"\"") }
        for (index, entry) in values.enumerated() {
            writeStaticString(index == 0 ? " (" : " ")
            writeAString(Array(entry.name.utf8))
            writeStaticString(" ")
            guard let value = entry.value else {
                writeStaticString("NIL")
                continue
            }
            // RFC 5464 §5: a value with a NUL is a literal8.
            if value.contains(0) { writeStaticString("~") }
            writeString(octets: value)
        }
        writeStaticString(")\r\n")
    }
}
