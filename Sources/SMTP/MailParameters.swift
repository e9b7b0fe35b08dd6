public import MailCore

/// What stood behind the path of a MAIL command (RFC 5321 §4.1.1.11).
public struct MailParameters: Equatable, Sendable {
    /// RFC 6152; RFC 3030 §3.
    public enum Body: String, Equatable, Sendable {
        case sevenBit = "7BIT"
        case eightBitMIME = "8BITMIME"
        case binaryMIME = "BINARYMIME"
    }

    /// SIZE= (RFC 1870): the octets that the client means to send; a number above `Int.max` is `Int.max`.
    public var sizeOctets: Int?
    /// BODY= (RFC 6152).
    public var body: Body?
    /// AUTH= (RFC 4954 §5): who first submitted the message, xtext undone; "<>" when unknown. A claim, no proof.
    public var submitter: String?
    /// SMTPUTF8 (RFC 6531 §3.4).
    public var isInternationalized: Bool
    /// RET= and ENVID= (RFC 3461 §4.3 and §4.4).
    public var notification: MessageNotification
    /// REQUIRETLS (RFC 8689 §2).
    public var requiresTLS: Bool

    public init(
        sizeOctets: Int? = nil, body: Body? = nil, submitter: String? = nil, isInternationalized: Bool = false,
        notification: MessageNotification = MessageNotification(), requiresTLS: Bool = false
    ) {
        self.sizeOctets = sizeOctets
        self.body = body
        self.submitter = submitter
        self.isInternationalized = isInternationalized
        self.notification = notification
        self.requiresTLS = requiresTLS
    }
}
