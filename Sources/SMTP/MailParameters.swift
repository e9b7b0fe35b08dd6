/// What stood behind the path of a MAIL command (RFC 5321 §4.1.1.11).
public struct MailParameters: Equatable, Sendable {
    /// RFC 6152.
    public enum Body: String, Equatable, Sendable {
        case sevenBit = "7BIT"
        case eightBitMIME = "8BITMIME"
    }

    /// SIZE= (RFC 1870): the octets that the client means to send; a number above `Int.max` is `Int.max`.
    public var sizeOctets: Int?
    /// BODY= (RFC 6152).
    public var body: Body?
    /// AUTH= (RFC 4954 §5): who first submitted the message, xtext undone; "<>" when unknown. A claim, no proof.
    public var submitter: String?
    /// SMTPUTF8 (RFC 6531 §3.4).
    public var isInternationalized: Bool

    public init(
        sizeOctets: Int? = nil, body: Body? = nil, submitter: String? = nil, isInternationalized: Bool = false
    ) {
        self.sizeOctets = sizeOctets
        self.body = body
        self.submitter = submitter
        self.isInternationalized = isInternationalized
    }
}
