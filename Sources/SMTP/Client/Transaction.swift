public import MailCore

/// One message for one server, its octets apart.
public struct Transaction: Equatable, Sendable {
    public var reversePath: ReversePath
    /// At least one. The results come in this order.
    public var recipients: [EmailAddress]
    /// The message's octets before dot-stuffing, for SIZE= (RFC 1870).
    public var sizeOctets: Int
    /// An octet above 127 stands in the message (RFC 6152).
    public var isEightBit: Bool
    /// An address or a header field has octets above 127 (RFC 6531).
    public var isInternationalized = false
    /// RFC 3030 §3: lines of any length, and CR and LF wherever they like: sent by BDAT, octet by octet.
    public var isBinary = false
    /// RFC 8689: the server must promise as much.
    public var requiresTLS = false
    /// RET= and ENVID= for a server that knows DSN (RFC 3461 §4), as they stand in the command; empty for none.
    public var noticeWords = ""
    /// NOTIFY= and ORCPT= of each recipient; none at all, or one text for each.
    public var recipientNoticeWords: [String] = []

    public init(reversePath: ReversePath, recipients: [EmailAddress], sizeOctets: Int, isEightBit: Bool) {
        self.reversePath = reversePath
        self.recipients = recipients
        self.sizeOctets = sizeOctets
        self.isEightBit = isEightBit
    }
}

/// What became of one recipient.
public enum RecipientResult: Equatable, Sendable {
    /// The server has the message (RFC 5321 §6.1); its reply to the end of data.
    case accepted(Reply)
    /// To be tried again.
    case temporary(Reply)
    case permanent(Reply)
}

/// What an open session knows of its server.
public struct PeerFacts: Equatable, Sendable {
    /// The text of its greeting's first line.
    public var greeting: String
    /// What it called itself in the reply to EHLO.
    public var hostname: String
    public var extensions: Extensions
    public var tls: TLSFacts?
    public var isAuthenticated: Bool
}
