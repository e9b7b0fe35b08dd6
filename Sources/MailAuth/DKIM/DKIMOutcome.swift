/// What one DKIM signature came to.
public struct DKIMOutcome: Equatable, Sendable {
    /// RFC 8601 §2.7.1, but for `none`, which is said of a message without any.
    public enum Result: String, Equatable, Sendable, CaseIterable {
        case pass
        /// The message is not what was signed, or the signature has expired.
        case fail
        /// It verifies, or might, and we do not let it count.
        case policy
        /// It does not verify, and its domain is only trying out (`t=y`): as good as none (RFC 6376 §3.6.1).
        case neutral
        /// A look-up failed; it might be anything.
        case temperror
        /// It cannot be verified, now or later.
        case permerror
    }

    public var result: Result
    /// For the log and for Authentication-Results; empty where there is nothing to say. Printable ASCII, at most 300
    /// octets.
    public var reason: String
    /// `d=`: lower case, A-labels; empty where it cannot be read.
    public var domain: String
    /// `s=`, as `domain`.
    public var selector: String
    /// `i=`, as written, else "@" and `d=`. May be a stranger's UTF-8.
    public var identity: String
    /// `a=`, as written.
    public var algorithm: String
    /// Of the key, where one was found.
    public var keyBits: Int?
    /// Every From field is among what was signed.
    public var coversFrom: Bool
    /// Octets of the canonical body behind `l=`, which anybody may have added.
    public var uncoveredOctets: Int
    /// `t=y` in the key record.
    public var isTesting: Bool
    /// The digits of `b=`, without white space.
    public var signature: String

    public init(
        result: Result, reason: String = "", domain: String, selector: String = "", identity: String = "",
        algorithm: String = "", keyBits: Int? = nil, coversFrom: Bool = true, uncoveredOctets: Int = 0,
        isTesting: Bool = false, signature: String = ""
    ) {
        self.result = result
        self.reason = reason
        self.domain = domain
        self.selector = selector
        self.identity = identity
        self.algorithm = algorithm
        self.keyBits = keyBits
        self.coversFrom = coversFrom
        self.uncoveredOctets = uncoveredOctets
        self.isTesting = isTesting
        self.signature = signature
    }
}
