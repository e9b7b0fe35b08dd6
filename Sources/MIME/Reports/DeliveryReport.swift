import NIOCore

/// A delivery status notification that came in (RFC 3464, RFC 6522), as far as it says what became of whom.
public struct DeliveryReport: Equatable, Sendable {
    /// One group of per-recipient fields (RFC 3464 §2.3).
    public struct Recipient: Equatable, Sendable {
        /// The address behind "rfc822;".
        public var finalRecipient: String?
        public var originalRecipient: String?
        /// Lower case: "failed", "delayed", "delivered", "relayed", "expanded".
        public var action: String
        /// RFC 3463: "5.1.1".
        public var status: String
        /// The text behind "smtp;" of Diagnostic-Code.
        public var diagnostic: String?
    }

    /// Groups that are read; a message to more goes in several transactions.
    public static let recipientsMax = 100
    /// Of the part for programs so much is read.
    static let octetsMax = 262_144
    /// Longest value that is taken.
    static let valueOctetsMax = 2_000

    /// ENVID of the message, xtext undone by who reported (RFC 3464 §2.2.1).
    public var envelopeID: String?
    /// When the reporting server got the message, seconds since 1970.
    public var arrivedAt: Int64?
    public var recipients: [Recipient] = []
    /// Message-ID of the message that it is about, without angle brackets.
    public var messageID: String?

    /// Nil for what is no such notice.
    public init?(_ message: Message) {
        let type = message.root.contentType
        guard type.type == "multipart", type.subtype == "report",
            type.parameters["report-type"]?.lowercased() == "delivery-status"
        else { return nil }
        let parts = message.root.children.prefix(10)
        guard let status = parts.first(where: { Self.isStatus($0.contentType) }) else { return nil }
        read(status.decodedBody(octetsMax: Self.octetsMax))
        guard !recipients.isEmpty else { return nil }
        messageID = parts.lazy.compactMap(Self.returned).first?.messageID
    }

    /// RFC 6533 §3 has a form for addresses beyond US-ASCII.
    private static func isStatus(_ type: ContentType) -> Bool {
        type.type == "message" && ["delivery-status", "global-delivery-status"].contains(type.subtype)
    }

    /// The header of the message that comes back, whole or alone.
    private static func returned(_ part: Part) -> Header? {
        if let embedded = part.embedded { return embedded.header }
        let type = part.contentType
        let isHeader =
            type.type == "text" && type.subtype == "rfc822-headers"
            || type.type == "message" && type.subtype == "global-headers"
        return isHeader ? Header(parsing: part.decodedBody(octetsMax: octetsMax)) : nil
    }

    ///     delivery-status-content = per-message-fields 1*( CRLF per-recipient-fields )
    private mutating func read(_ octets: ByteBuffer) {
        var rest = octets.slice()
        var isFirst = true
        while rest.readableBytes > 0, recipients.count < Self.recipientsMax {
            let group = Header(parsing: rest)
            if isFirst {
                envelopeID = Self.text(group, "Original-Envelope-Id")
                arrivedAt = group.first("Arrival-Date").flatMap { DateTime(parsing: group.value(of: $0)) }?.unixSeconds
            }
            // Some write both kinds of fields without the empty line between them.
            if let recipient = Self.recipient(group) { recipients.append(recipient) }
            isFirst = false
            guard group.range.upperBound > 0 else { return }
            rest = rest.slice(group.range.upperBound..<rest.readableBytes)
        }
    }

    private static func recipient(_ group: Header) -> Recipient? {
        guard let action = text(group, "Action")?.lowercased(), let status = text(group, "Status") else { return nil }
        return Recipient(
            finalRecipient: typed(group, "Final-Recipient", "rfc822"),
            originalRecipient: typed(group, "Original-Recipient", "rfc822"), action: action,
            status: String(status.prefix { $0 != " " }), diagnostic: typed(group, "Diagnostic-Code", "smtp"))
    }

    ///     address-type ";" generic-address                         ; RFC 3464 §2.1.2
    private static func typed(_ group: Header, _ name: String, _ type: String) -> String? {
        guard let text = text(group, name) else { return nil }
        let parts = text.split(separator: ";", maxSplits: 1)
        guard parts.count == 2, parts[0].filter({ $0 != " " }).lowercased() == type else { return nil }
        let value = parts[1].drop { $0 == " " || $0 == "\t" }
        // Some put the address in angle brackets, which the grammar does not have.
        return value.hasPrefix("<") && value.hasSuffix(">") ? String(value.dropFirst().dropLast()) : String(value)
    }

    private static func text(_ group: Header, _ name: String) -> String? {
        guard let value = group.unfolded(name), value.readableBytes <= valueOctetsMax, value.readableBytes > 0 else {
            return nil
        }
        return String(buffer: value)
    }
}
