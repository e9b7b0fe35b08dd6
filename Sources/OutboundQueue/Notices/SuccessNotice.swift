public import MIME
public import MailCore
public import NIOCore
import SMTP

/// Tells a sender who asked for it that a message is in mailboxes of ours (RFC 3461 §4.1, RFC 3464 §2.3.3 "delivered").
public struct SuccessNotice: Sendable {
    /// This server's name.
    public var hostname: String
    public var postmaster: EmailAddress
    public var sender: EmailAddress
    /// As they were written to, with ORCPT where it was said.
    public var recipients: [(address: EmailAddress, original: String?)]
    /// ENVID.
    public var envelopeID: String?
    /// Seconds since 1970.
    public var writtenAt: Int64
    /// Of the message; its header is given back (RFC 3461 §4.3: RET is about failures).
    public var header: Header

    public init(
        hostname: String, postmaster: EmailAddress, sender: EmailAddress,
        recipients: [(address: EmailAddress, original: String?)], envelopeID: String?, writtenAt: Int64, header: Header
    ) {
        self.hostname = hostname
        self.postmaster = postmaster
        self.sender = sender
        self.recipients = recipients
        self.envelopeID = envelopeID
        self.writtenAt = writtenAt
        self.header = header
    }

    public var message: ByteBuffer {
        let identifier = "\(writtenAt).\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
        let notice = Bounce(
            kind: .delivered, hostname: hostname, postmaster: postmaster, sender: sender, arrivedAt: writtenAt,
            writtenAt: writtenAt, identifier: identifier, envelopeID: envelopeID,
            fates: recipients.map {
                .init(recipient: $0.address, reply: Reply(250, "2.0.0", "Delivered"), original: $0.original)
            },
            returned: .header(header.lines(notNamed: [])))
        return notice.message
    }
}
