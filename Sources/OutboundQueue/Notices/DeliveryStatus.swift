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
        var octets = ByteBuffer()
        // §2.2.1: as the sender gave it.
        if let envelopeID = bounce.envelopeID {
            octets.writeString("Original-Envelope-Id: \(Self.plain(envelopeID))\r\n")
        }
        var fields = HeaderBuilder()
        fields.append("Reporting-MTA", value: "dns; \(bounce.hostname)")
        fields.append("Arrival-Date", date: DateTime(unixSeconds: bounce.arrivedAt))
        octets.writeImmutableBuffer(fields.octets)
        for fate in bounce.fates {
            octets.writeStaticString("\r\n")
            if let original = fate.original.flatMap(Self.original) {
                octets.writeString("Original-Recipient: \(original)\r\n")
            }
            octets.writeString("Final-Recipient: \(Self.typed(fate.recipient))\r\n")
            octets.writeImmutableBuffer(group(fate).octets)
        }
        return octets
    }

    private func group(_ fate: Bounce.Fate) -> HeaderBuilder {
        var group = HeaderBuilder()
        switch bounce.kind {
        case .failed:
            group.append("Action", value: "failed")
            group.append("Status", value: Self.status(of: fate.reply))
        case .delayed(let until):
            group.append("Action", value: "delayed")
            group.append("Status", value: fate.reply.enhancedCode.flatMap { $0.hasPrefix("4") ? $0 : nil } ?? "4.0.0")
            // §2.3.9.
            group.append("Will-Retry-Until", date: DateTime(unixSeconds: until))
        case .relayed:
            group.append("Action", value: "relayed")
            group.append("Status", value: "2.0.0")
        case .delivered:
            group.append("Action", value: "delivered")
            group.append("Status", value: "2.0.0")
            // Nobody else said anything.
            return group
        }
        if let host = bounce.remoteHost { group.append("Remote-MTA", value: "dns; \(Self.plain(host))") }
        // §2.3.6: what the server said; nothing in it may be encoded.
        group.append("Diagnostic-Code", value: "smtp; \(Self.plain(fate.reply.description))")
        return group
    }

    /// §2.3.4. A failure that was temporary each time ended by its time (RFC 3463 §3.5, X.4.7).
    static func status(of reply: Reply) -> String {
        reply.isTemporary ? "4.4.7" : reply.enhancedCode ?? "5.0.0"
    }

    /// §2.3.1: the type and the address of ORCPT.
    private static func original(_ text: String) -> String? {
        let parts = text.split(separator: ";", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return "\(plain(String(parts[0]))); \(plain(String(parts[1])))"
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
