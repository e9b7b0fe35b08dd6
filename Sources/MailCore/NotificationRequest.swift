/// What a sender wants to be told about a message (RFC 3461 §4.3 and §4.4): RET and ENVID of its MAIL command.
public struct MessageNotification: Hashable, Sendable {
    /// How much of the message a notice of failure brings back.
    public enum Returned: String, Sendable {
        case full = "FULL"
        case headers = "HDRS"
    }

    /// nil: left to us.
    public var returned: Returned?
    /// ENVID, xtext undone: printable US-ASCII and spaces, at most 100 octets. Nothing that we make sense of.
    public var envelopeID: String?

    public init(returned: Returned? = nil, envelopeID: String? = nil) {
        self.returned = returned
        self.envelopeID = envelopeID
    }
}

/// What a sender wants to be told about one recipient (RFC 3461 §4.1 and §4.2): NOTIFY and ORCPT of its RCPT command.
public struct RecipientNotification: Hashable, Sendable {
    /// The occasions for a notice. Empty is NEVER.
    public struct Occasions: OptionSet, Hashable, Sendable {
        public let rawValue: Int64

        public init(rawValue: Int64) { self.rawValue = rawValue }

        public static let success = Occasions(rawValue: 1)
        public static let failure = Occasions(rawValue: 2)
        public static let delay = Occasions(rawValue: 4)
    }

    /// nil: nothing was said, which means failures and, if we like, delays (RFC 3461 §4.1).
    public var occasions: Occasions?
    /// ORCPT, xtext undone: "rfc822;ann@example.org", printable US-ASCII and spaces, at most 500 octets.
    public var original: String?

    public init(occasions: Occasions? = nil, original: String? = nil) {
        self.occasions = occasions
        self.original = original
    }

    /// A notice of failure is wanted; so it is when nothing was said.
    public var wantsFailure: Bool { occasions?.contains(.failure) ?? true }
    /// A notice of delay may be sent; so it is when nothing was said.
    public var bearsDelay: Bool { occasions?.contains(.delay) ?? true }
    public var wantsSuccess: Bool { occasions?.contains(.success) ?? false }
}

/// What every server that takes a message on must be able to do, or the message be changed for it.
public struct MessageNeeds: OptionSet, Hashable, Sendable {
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// Octets above 127 stand in it (8BITMIME, RFC 6152). To be re-encoded for a server that does not know it.
    public static let eightBit = MessageNeeds(rawValue: 1)
    /// BODY=BINARYMIME (RFC 3030 §3): lines of any length, CR and LF wherever they like. To be re-encoded likewise.
    public static let binary = MessageNeeds(rawValue: 2)
    /// SMTPUTF8 (RFC 6531 §3.4): addresses or header fields in UTF-8. Not to be sent to a server that does not know it.
    public static let internationalized = MessageNeeds(rawValue: 4)
    /// REQUIRETLS (RFC 8689 §2): only by TLS with a certificate that was verified, to a server that knows REQUIRETLS.
    public static let requireTLS = MessageNeeds(rawValue: 8)
    /// "TLS-Required: No" (RFC 8689 §5): rather in clear, or to a server that proves nothing, than not at all.
    public static let ignoresTLSPolicy = MessageNeeds(rawValue: 16)
}
