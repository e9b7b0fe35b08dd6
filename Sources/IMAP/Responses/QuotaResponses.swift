public import NIOCore

/// What an account may use of one kind, and uses (RFC 9208 §3).
public struct QuotaResource: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        /// In units of 1,024 octets (RFC 9208 §5.1).
        case storage = "STORAGE"
        case message = "MESSAGE"
    }

    public var kind: Kind
    public var used: UInt64
    public var limit: UInt64

    public init(_ kind: Kind, used: UInt64, limit: UInt64) {
        self.kind = kind
        self.used = used
        self.limit = limit
    }
}

extension ByteBuffer {
    /// `* QUOTAROOT INBOX ""`
    public mutating func writeQuotaRoot(_ mailbox: MailboxName, root: String, utf8: Bool) {
        writeStaticString("* QUOTAROOT ")
        writeMailbox(mailbox, utf8: utf8)
        writeStaticString(" ")
        writeString(octets: root.utf8)
        writeLineEnd()
    }

    /// `* QUOTA "" (STORAGE 10 512)`; without a resource there is no limit.
    public mutating func writeQuota(root: String, _ resources: [QuotaResource]) {
        writeStaticString("* QUOTA ")
        writeString(octets: root.utf8)
        writeStaticString(" (")
        for (index, resource) in resources.enumerated() {
            writeString("\(index == 0 ? "" : " ")\(resource.kind.rawValue) \(resource.used) \(resource.limit)")
        }
        writeStaticString(")\r\n")
    }
}
