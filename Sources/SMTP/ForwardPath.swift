public import MailCore

/// Whom a RCPT names (RFC 5321 §4.1.1.3).
public enum ForwardPath: Hashable, Sendable, CustomStringConvertible {
    case address(EmailAddress)
    /// RFC 5321 §4.5.1: "postmaster" without a domain is always there, in any case of letters.
    case postmaster

    /// With its angle brackets.
    public var description: String {
        switch self {
        case .address(let address): "<\(address)>"
        case .postmaster: "<postmaster>"
        }
    }

    public var address: EmailAddress? {
        if case .address(let address) = self { address } else { nil }
    }
}
