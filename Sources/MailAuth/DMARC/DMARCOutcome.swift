/// What DMARC says of a message.
public struct DMARCOutcome: Equatable, Sendable {
    public enum Result: String, Equatable, Sendable {
        /// The domain publishes no policy.
        case none
        case pass
        case fail
        /// It might be either: a look-up failed.
        case temperror
        /// The record, or the domain of From, cannot be read.
        case permerror
    }

    public var result: Result
    /// Of From.
    public var domain: String
    /// What the domain wants done with messages that fail; set when a policy was found.
    public var requested: DMARCPolicy.Disposition?
    public var policy: DMARCPolicy?
    /// For the log.
    public var reason: String

    public init(
        result: Result, domain: String, requested: DMARCPolicy.Disposition? = nil, policy: DMARCPolicy? = nil,
        reason: String = ""
    ) {
        self.result = result
        self.domain = domain
        self.requested = requested
        self.policy = policy
        self.reason = reason
    }

    /// What the domain wants done with this message. Of those that `pct` leaves out the next milder thing is wanted (RFC
    /// 7489 §6.6.4).
    ///
    /// - Parameter sample: a number from 0 to 99, of which each is as likely and the sender chooses none.
    public func disposition(sample: Int) -> DMARCPolicy.Disposition {
        guard result == .fail, let requested else { return .none }
        if sample < policy?.percent ?? 100 { return requested }
        return requested == .reject ? .quarantine : .none
    }

    /// The one that counts where From has addresses of several domains: the strictest failure, else what is least sure
    /// (RFC 7489 §6.6.1). Nil for none.
    public static func strictest(of outcomes: [DMARCOutcome]) -> DMARCOutcome? {
        outcomes.max { $0.severity < $1.severity }
    }

    private var severity: Int {
        switch result {
        case .pass: 0
        case .none: 1
        case .permerror: 2
        case .temperror: 3
        case .fail:
            switch requested {
            case nil, .some(.none): 4
            case .quarantine: 5
            case .reject: 6
            }
        }
    }
}
