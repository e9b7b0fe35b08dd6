public import MailCore
public import NIOCore

/// One mail transaction as it stands (RFC 5321 §2.3.1), with what is known of its client.
public struct Envelope: Equatable, Sendable {
    /// What the client called itself: printable US-ASCII without spaces, at most 255 octets; not verified.
    public var helo: String
    /// The client said EHLO, not HELO.
    public var isExtended: Bool
    public var reversePath: ReversePath
    public var parameters: MailParameters
    /// In the order in which they were accepted; one may stand twice.
    public var recipients: [Recipient]
    /// Set after AUTH: the account's name as `.authenticated(login:)` gave it.
    public var login: String?
    public var tls: TLSFacts?

    public init(
        helo: String, isExtended: Bool = true, reversePath: ReversePath, parameters: MailParameters = MailParameters(),
        recipients: [Recipient] = [], login: String? = nil, tls: TLSFacts? = nil
    ) {
        self.helo = helo
        self.isExtended = isExtended
        self.reversePath = reversePath
        self.parameters = parameters
        self.recipients = recipients
        self.login = login
        self.tls = tls
    }
}

/// Where the message of a transaction is: dot-stuffing undone, every line ended by CR LF; with BODY=BINARYMIME its octets
/// as they came.
public enum MessageBody: Equatable, Sendable {
    /// At most `ServerConfiguration.memoryOctetsMax` octets.
    case memory(ByteBuffer)
    /// All of it was handed out by `.spool` requests, in order.
    case spooled(octets: Int)
}
