import Logging
import MIME
import MailCore
import MessageStore
import NIOCore
import SMTP

/// A notice that a message could not be delivered (RFC 3464), with a first part that people can read. All of it is
/// 7-bit, so that it passes everywhere.
struct Bounce: Sendable {
    var hostname: String
    var postmaster: EmailAddress
    var sender: EmailAddress
    /// Seconds since 1970.
    var arrivedAt: Int64
    var writtenAt: Int64
    /// Unique to this notice and not to be guessed: letters, digits, dots.
    var identifier: String
    var failures: [(recipient: EmailAddress, reply: Reply)]
    /// The header of the message that failed; empty when it cannot be read.
    var originalHeader: ByteBuffer

    /// RFC 6522: a report of three parts.
    var message: ByteBuffer {
        var fields = HeaderBuilder()
        fields.append("From", value: "Mail delivery <\(DeliveryStatus.plain(postmaster.description))>")
        fields.append("To", value: DeliveryStatus.plain(sender.description))
        fields.append("Subject", text: "Your message could not be delivered")
        fields.append("Date", date: DateTime(unixSeconds: writtenAt))
        fields.append("Message-ID", value: "<bounce.\(identifier)@\(hostname)>")
        if let original = Header(parsing: originalHeader).messageID { appendReferences(original, to: &fields) }
        // RFC 3834 §5: nobody's vacation notice is to answer it.
        fields.append("Auto-Submitted", value: "auto-replied")
        fields.append("MIME-Version", value: "1.0")
        return EntityBuilder.multipart(
            "report", boundary: "=_bounce_\(identifier.split(separator: ".").joined(separator: "_"))",
            parameters: [("report-type", "delivery-status")], fields: fields,
            parts: [
                EntityBuilder.text(explanation),
                EntityBuilder.raw("message/delivery-status", body: DeliveryStatus(self).octets),
                returnedHeader,
            ])
    }

    /// RFC 5322 §3.6.4: it stands below the message that it is about.
    private func appendReferences(_ messageID: String, to fields: inout HeaderBuilder) {
        guard messageID.utf8.count <= 500, messageID.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { return }
        let text = messageID.hasPrefix("<") ? messageID : "<\(messageID)>"
        fields.append("In-Reply-To", value: text)
        fields.append("References", value: text)
    }

    /// RFC 6522 §4: quoted-printable where the header is not 7-bit.
    private var returnedHeader: ByteBuffer {
        let octets = originalHeader.readableBytesView
        let isPlain =
            octets.allSatisfy { $0 < 0x80 && $0 != 0 } && octets.split(separator: 10).allSatisfy { $0.count <= 998 }
        if isPlain { return EntityBuilder.raw("text/rfc822-headers", body: originalHeader) }
        var fields = HeaderBuilder()
        fields.append("Content-Transfer-Encoding", value: "quoted-printable")
        return EntityBuilder.raw(
            "text/rfc822-headers", fields: fields, body: QuotedPrintable.encode(originalHeader))
    }

    private var explanation: String {
        var text = "Your message could not be delivered to:\n\n"
        for failure in failures {
            text += "  \(failure.recipient)\n    \(Self.meaning(of: failure.reply))\n"
            text += "    The answer was: \(failure.reply)\n\n"
        }
        text += "It is not tried again. The header of your message follows, so that you can tell which it was.\n\n"
        return text + "-- \nThe mail server \(hostname)\n"
    }

    /// What a person can make of an enhanced status code (RFC 3463).
    static func meaning(of reply: Reply) -> String {
        let code = reply.enhancedCode.map { String($0.dropFirst(2)) } ?? ""
        return switch code {
        case "1.1": "There is no mailbox of this name. Check the address for a typing error."
        case "1.2", "1.10", "4.4": "The domain behind the @ takes no mail. Check it for a typing error."
        case "2.1": "The mailbox is closed."
        case "2.2": "The mailbox is full. Try again when its owner has made room."
        case "3.4", "2.3": "The message is too large for the other server."
        case "4.6": "Mail for this domain leads in a circle. Whoever runs the domain must mend that."
        case "4.1", "4.2", "4.3", "4.7": "The other server could not be reached for some days."
        case "6.3": "The other server cannot take this kind of message."
        case let other where other.hasPrefix("7."): "The other server refused the message by its rules."
        default:
            reply.isTemporary
                ? "The other server put it off again and again, until its time was over."
                : "The other server refused it."
        }
    }
}

extension Runner {
    /// Of a message header at most so much goes into a notice.
    private static let headerOctetsMax = 65_536

    /// The header alone: it tells which message it was, and leaves the body to who has it. Empty when it cannot be
    /// read: that must not keep the notice from its sender.
    func header(of body: BodyReference) async -> ByteBuffer {
        do throws(StoreError) {
            let octets = try await store.octets(of: body, range: 0..<min(body.octetCount, Self.headerOctetsMax))
            return Header(parsing: octets).lines(notNamed: [])
        } catch {
            log.error("the header of a queued message cannot be read", metadata: ["error": "\(error.diagnostic)"])
            return ByteBuffer()
        }
    }
}
