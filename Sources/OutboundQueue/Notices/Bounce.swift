import MIME
import MailCore
import NIOCore
import SMTP

/// A notice to the sender of what became of a message (RFC 3464), with a first part that people can read.
struct Bounce: Sendable {
    enum Kind: Sendable {
        case failed
        /// It is tried further.
        case delayed(until: Int64)
        /// A server took it that does not tell of what comes later.
        case relayed
        /// It is in a mailbox of ours.
        case delivered
    }

    /// One recipient, and what was said last.
    struct Fate: Sendable {
        var recipient: EmailAddress
        var reply: Reply
        /// ORCPT: "rfc822;" and the address.
        var original: String?
    }

    /// What of the message is given back.
    enum Returned: Sendable {
        /// Its header; empty when it cannot be read.
        case header(ByteBuffer)
        case whole(ByteBuffer)

        var octets: ByteBuffer {
            switch self {
            case .header(let octets), .whole(let octets): octets
            }
        }
    }

    var kind = Kind.failed
    var hostname: String
    var postmaster: EmailAddress
    var sender: EmailAddress
    /// Seconds since 1970.
    var arrivedAt: Int64
    var writtenAt: Int64
    /// Unique to this notice and not to be guessed: letters, digits, dots.
    var identifier: String
    var envelopeID: String?
    /// The server that said so.
    var remoteHost: String?
    var fates: [Fate]
    var returned: Returned

    /// RFC 6522: a report of three parts.
    var message: ByteBuffer {
        var fields = HeaderBuilder()
        fields.append("From", value: "Mail delivery <\(DeliveryStatus.plain(postmaster.description))>")
        fields.append("To", value: DeliveryStatus.plain(sender.description))
        fields.append("Subject", text: subject)
        fields.append("Date", date: DateTime(unixSeconds: writtenAt))
        fields.append("Message-ID", value: "<bounce.\(identifier)@\(hostname)>")
        if let original = Header(parsing: returned.octets).messageID { appendReferences(original, to: &fields) }
        // RFC 3834 §5: nobody's vacation notice is to answer it.
        fields.append("Auto-Submitted", value: "auto-replied")
        fields.append("MIME-Version", value: "1.0")
        return EntityBuilder.multipart(
            "report", boundary: "=_bounce_\(identifier.split(separator: ".").joined(separator: "_"))",
            parameters: [("report-type", "delivery-status")], fields: fields,
            parts: [
                EntityBuilder.text(explanation),
                EntityBuilder.raw("message/delivery-status", body: DeliveryStatus(self).octets),
                returnedPart,
            ])
    }

    private var subject: String {
        switch kind {
        case .failed: "Your message could not be delivered"
        case .delayed: "Your message is late and is tried further"
        case .relayed: "Your message was handed on"
        case .delivered: "Your message was delivered"
        }
    }

    /// RFC 5322 §3.6.4: it stands below the message that it is about.
    private func appendReferences(_ messageID: String, to fields: inout HeaderBuilder) {
        guard messageID.utf8.count <= 500, messageID.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return }
        let text = messageID.hasPrefix("<") ? messageID : "<\(messageID)>"
        fields.append("In-Reply-To", value: text)
        fields.append("References", value: text)
    }

    private var returnedPart: ByteBuffer {
        switch returned {
        case .whole(let octets): return EntityBuilder.raw("message/rfc822", body: octets)
        case .header(let header):
            // RFC 6522 §4: quoted-printable where the header is not 7-bit.
            let octets = header.readableBytesView
            let isPlain =
                octets.allSatisfy { $0 < 0x80 && $0 != 0 }
                && octets.split(separator: 10).allSatisfy { $0.count <= 998 }
            if isPlain { return EntityBuilder.raw("text/rfc822-headers", body: header) }
            var fields = HeaderBuilder()
            fields.append("Content-Transfer-Encoding", value: "quoted-printable")
            return EntityBuilder.raw("text/rfc822-headers", fields: fields, body: QuotedPrintable.encode(header))
        }
    }
}
