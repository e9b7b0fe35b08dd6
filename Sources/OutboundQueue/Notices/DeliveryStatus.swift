import MIME
import MailCore
import NIOCore
import SMTP

/// The second part of a notice, for programs (RFC 3464 §2).
///
///     delivery-status-content = per-message-fields 1*( CRLF per-recipient-fields )
struct DeliveryStatus {
    private let bounce: Bounce

    init(_ bounce: Bounce) { self.bounce = bounce }

    var octets: ByteBuffer {
        var fields = HeaderBuilder()
        fields.append("Reporting-MTA", value: "dns; \(bounce.hostname)")
        fields.append("Arrival-Date", date: DateTime(unixSeconds: bounce.arrivedAt))
        var octets = fields.octets
        for failure in bounce.failures {
            octets.writeStaticString("\r\n")
            octets.writeString("Final-Recipient: \(Self.typed(failure.recipient))\r\n")
            var group = HeaderBuilder()
            group.append("Action", value: "failed")
            group.append("Status", value: Self.status(of: failure.reply))
            // §2.3.6: what the server said; nothing in it may be encoded.
            group.append("Diagnostic-Code", value: "smtp; \(Self.plain(failure.reply.description))")
            octets.writeImmutableBuffer(group.octets)
        }
        return octets
    }

    /// §2.3.4. A failure that was temporary each time ended by its time (RFC 3463 §3.5, X.4.7).
    static func status(of reply: Reply) -> String {
        reply.isTemporary ? "4.4.7" : reply.enhancedCode ?? "5.0.0"
    }

    /// `rfc822; address`, or `utf-8; address` with what is not US-ASCII as \x{HEX} (RFC 6533 §3, utf-8-addr-xtext).
    static func typed(_ address: EmailAddress) -> String {
        let text = address.description
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return "rfc822; \(plain(text))" }
        var result = "utf-8; "
        for scalar in text.unicodeScalars {
            if (0x21...0x7e).contains(scalar.value), !"\\+=".unicodeScalars.contains(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\x{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return result
    }

    /// Printable US-ASCII; "?" for all else.
    static func plain(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
