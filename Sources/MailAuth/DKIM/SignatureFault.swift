/// Why a signature does not count, in the words of RFC 8601 §2.7.1.
struct SignatureFault: Error, Equatable, Sendable {
    var result: DKIMOutcome.Result
    /// For the log and for Authentication-Results.
    var reason: String

    static func permanent(_ reason: String) -> SignatureFault { SignatureFault(result: .permerror, reason: reason) }
    static func temporary(_ reason: String) -> SignatureFault { SignatureFault(result: .temperror, reason: reason) }
    static func failed(_ reason: String) -> SignatureFault { SignatureFault(result: .fail, reason: reason) }
    static func unacceptable(_ reason: String) -> SignatureFault { SignatureFault(result: .policy, reason: reason) }
}
