/// RFC 7208 §2.6, in the words of Authentication-Results (RFC 8601 §2.7.2).
public enum SPFResult: String, Equatable, Sendable, CaseIterable {
    case none
    case neutral
    case pass
    case fail
    case softfail
    case temperror
    case permerror
}

/// What one check found.
public struct SPFOutcome: Equatable, Sendable {
    /// RFC 7208 §2.3, §2.4.
    public enum Identity: String, Equatable, Sendable {
        case mailFrom = "mailfrom"
        case helo = "helo"
    }

    public var result: SPFResult
    public var identity: Identity
    /// The domain that was judged, as it was given.
    public var domain: String
    /// For the log and `X-`headers: the term that decided, or what was wrong. Printable ASCII, at most 300 octets.
    public var reason: String
    /// The domain's own words on a fail (RFC 7208 §6.2), of a stranger: printable ASCII, at most 500 octets.
    public var explanation: String?

    public init(
        result: SPFResult, identity: Identity, domain: String, reason: String = "", explanation: String? = nil
    ) {
        self.result = result
        self.identity = identity
        self.domain = domain
        self.reason = reason
        self.explanation = explanation
    }
}

/// Ends a check with this result.
enum SPFError: Error, Equatable {
    case permanent(String)
    case temporary(String)
}
