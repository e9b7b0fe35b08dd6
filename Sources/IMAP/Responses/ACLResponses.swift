public import MailCore
public import NIOCore

/// RFC 4314 §3.6 to §3.8.
extension ByteBuffer {
    /// `* ACL Projects ann@example.org lrswipkxteacd anyone lr`
    public mutating func writeACL(
        _ mailbox: MailboxName, _ entries: [(identifier: String, rights: MailboxRights)], utf8: Bool
    ) {
        writeStaticString("* ACL ")
        writeMailbox(mailbox, utf8: utf8)
        for entry in entries {
            writeStaticString(" ")
            writeAString(Array(entry.identifier.utf8))
            writeStaticString(" ")
            writeRights(entry.rights)
        }
        writeLineEnd()
    }

    /// `* MYRIGHTS Projects lr`
    public mutating func writeMyRights(_ mailbox: MailboxName, _ rights: MailboxRights, utf8: Bool) {
        writeStaticString("* MYRIGHTS ")
        writeMailbox(mailbox, utf8: utf8)
        writeStaticString(" ")
        writeRights(rights)
        writeLineEnd()
    }

    /// `* LISTRIGHTS Projects bob@example.org "" l r s w i p k x t e a c d`
    ///
    /// - Parameter always: what the identifier has whatever is granted; the others can be granted one by one, and so
    ///   can `c` and `d` (RFC 4314 §2.1.1).
    public mutating func writeListRights(
        _ mailbox: MailboxName, _ identifier: String, always: MailboxRights, utf8: Bool
    ) {
        writeStaticString("* LISTRIGHTS ")
        writeMailbox(mailbox, utf8: utf8)
        writeStaticString(" ")
        writeAString(Array(identifier.utf8))
        writeStaticString(" ")
        writeRights(always)
        let others = MailboxRights.all.subtracting(always)
        for letter in others.textWithOldRights { writeString(" \(letter)") }
        writeLineEnd()
    }

    private mutating func writeRights(_ rights: MailboxRights) {
        writeAString(Array(rights.textWithOldRights.utf8))
    }
}
