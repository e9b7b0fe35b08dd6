public import MailCore
public import NIOCore

/// The `Received` line that this server puts before a message (RFC 5321 §4.4).
public struct ReceivedField: Equatable, Sendable {
    public var envelope: Envelope
    public var remote: SocketEndpoint
    /// The client's name as its address resolves to it, and that back; nil when it does not.
    public var reverseName: String?
    /// This server's name.
    public var hostname: String
    /// The message's identifier in this server's log: letters, digits, "-".
    public var identifier: String
    /// Seconds since 1970-01-01T00:00:00Z.
    public var unixSeconds: Int64
    /// It came by LMTP (RFC 2033).
    public var isLocal = false
    /// Who sends is not told where from: no name and no address of the client.
    public var isClientHidden = false

    public init(
        envelope: Envelope, remote: SocketEndpoint, reverseName: String? = nil, hostname: String, identifier: String,
        unixSeconds: Int64
    ) {
        self.envelope = envelope
        self.remote = remote
        self.reverseName = reverseName
        self.hostname = hostname
        self.identifier = identifier
        self.unixSeconds = unixSeconds
    }

    /// RFC 3848: "ESMTPSA" and its kin; "UTF8SMTPSA" behind SMTPUTF8 (RFC 6531 §4.3), "LMTP" likewise. Without EHLO there
    /// are no letters behind "SMTP".
    public var transferProtocol: String {
        guard envelope.isExtended else { return "SMTP" }
        let word = isLocal ? "LMTP" : "SMTP"
        let prefix = envelope.parameters.isInternationalized ? "UTF8" : isLocal ? "" : "E"
        return prefix + word + (envelope.tls == nil ? "" : "S") + (envelope.login == nil ? "" : "A")
    }

    /// Writes the field with its CR LF, in lines below 998 octets.
    ///
    ///     Time-stamp-line = "Received:" FWS Stamp <CRLF>
    ///     Stamp           = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
    ///     From-domain     = "FROM" FWS Extended-Domain CFWS
    ///     By-domain       = "BY" FWS Extended-Domain CFWS
    ///     Opt-info        = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
    public func write(into output: inout ByteBuffer) {
        output.writeStaticString("Received: ")
        if !isClientHidden { writeClient(into: &output) }
        output.writeStaticString("by ")
        output.writeText(hostname, octetsMax: 255)
        output.writeString(" with \(transferProtocol)")
        if let tls = envelope.tls {
            output.writeStaticString("\r\n\t(")
            output.writeText(tls.cipher.isEmpty ? tls.version : "\(tls.version) \(tls.cipher)", octetsMax: 100)
            output.writeStaticString(")")
        }
        output.writeStaticString("\r\n\tid ")
        output.writeText(identifier, octetsMax: 100)
        // RFC 5321 §7.2: with several recipients none is told of another.
        if envelope.recipients.count == 1, let recipient = envelope.recipients.first {
            output.writeStaticString(" for ")
            if envelope.parameters.isInternationalized {
                // RFC 6531 §3.7.3; a path has no control characters.
                output.writeString(recipient.description)
            } else {
                output.writeText(recipient.description, octetsMax: 600)
            }
        }
        output.writeStaticString("; ")
        MessageDate(unixSeconds: unixSeconds).write(into: &output)
        output.writeLineEnd()
    }

    private func writeClient(into output: inout ByteBuffer) {
        output.writeStaticString("from ")
        output.writeText(Self.name(envelope.helo), octetsMax: 255)
        output.writeStaticString(" (")
        if let reverseName {
            output.writeText(Self.name(reverseName), octetsMax: 255)
            output.writeStaticString(" ")
        }
        output.writeString(Self.literal(remote.host))
        output.writeStaticString(")\r\n\t")
    }

    /// A name that a stranger chose, without what would begin a comment, a quoted string or the next part.
    private static func name(_ text: String) -> String {
        let octets = text.utf8.map { octet in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                octet
            default: UInt8(ascii: "?")
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    /// RFC 5321 §4.1.3.
    private static func literal(_ host: String) -> String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[IPv6:\(host)]" : "[\(host)]"
    }
}
