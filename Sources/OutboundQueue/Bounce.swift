import MIME
import MailCore
import MessageStore
import NIOCore
import SMTP

/// A notice that a message could not be delivered (RFC 3464), with a first part that people can read.
struct Bounce: Sendable {
    var hostname: String
    var sender: EmailAddress
    /// Seconds since 1970.
    var arrivedAt: Int64
    var writtenAt: Int64
    /// Unique to this notice: letters, digits, dots.
    var identifier: String
    var failures: [(recipient: EmailAddress, reply: Reply)]
    /// The header of the message that failed.
    var originalHeader: ByteBuffer

    /// RFC 6522: a report of three parts.
    var message: ByteBuffer {
        var fields = HeaderBuilder()
        fields.append("From", value: "Mail delivery <postmaster@\(hostname)>")
        fields.append("To", value: sender.description)
        fields.append("Subject", text: "Your message could not be delivered")
        fields.append("Date", date: DateTime(unixSeconds: writtenAt))
        fields.append("Message-ID", value: "<bounce.\(identifier)@\(hostname)>")
        // RFC 3834 §5: nobody's vacation notice is to answer it.
        fields.append("Auto-Submitted", value: "auto-replied")
        fields.append("MIME-Version", value: "1.0")
        return EntityBuilder.multipart(
            "report", boundary: "=_bounce_\(identifier.replacing(".", with: "_"))",
            parameters: [("report-type", "delivery-status")], fields: fields,
            parts: [
                EntityBuilder.text(explanation),
                EntityBuilder.raw("message/delivery-status", body: status),
                EntityBuilder.raw("text/rfc822-headers", body: originalHeader),
            ])
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
        case "4.1", "4.2", "4.3", "4.7": "The other server could not be reached for some days."
        case "6.3": "The other server cannot take this kind of message."
        case let other where other.hasPrefix("7."): "The other server refused the message by its rules."
        default:
            reply.isTemporary
                ? "The other server put it off again and again, until its time was over."
                : "The other server refused it."
        }
    }

    /// RFC 3464 §2: fields about the message, then a group for each recipient.
    private var status: ByteBuffer {
        var fields = HeaderBuilder()
        fields.append("Reporting-MTA", value: "dns; \(hostname)")
        fields.append("Arrival-Date", date: DateTime(unixSeconds: arrivedAt))
        var body = fields.finish()
        for failure in failures {
            var group = HeaderBuilder()
            group.append("Final-Recipient", value: "rfc822; \(failure.recipient)")
            group.append("Action", value: "failed")
            let code = failure.reply.enhancedCode ?? (failure.reply.isTemporary ? "4.0.0" : "5.0.0")
            // RFC 3464 §2.3.4: a failed action has a permanent status, also when time ran out.
            group.append("Status", value: code.hasPrefix("4") && !failure.reply.isTemporary ? "5.0.0" : code)
            group.append("Diagnostic-Code", text: "smtp; \(failure.reply)")
            body.writeImmutableBuffer(group.finish())
        }
        return body
    }
}

extension Runner {
    /// Of a message header at most so much goes into a notice.
    private static let headerOctetsMax = 65_536

    /// The header alone: it tells which message it was, and leaves the body to who has it.
    func header(of body: BodyReference) async throws(StoreError) -> ByteBuffer {
        let octets = try await store.octets(of: body, range: 0..<min(body.octetCount, Self.headerOctetsMax))
        return Header(parsing: octets).lines(notNamed: [])
    }
}
