/// What the server says to one request: any number of `progress` and `rows`, then one `outcome` or `failure`.
public enum Answer: Codable, Equatable, Sendable {
    /// A sentence for the person who waits.
    case progress(String)
    /// Rows of the outcome's first report, sent ahead so that no line grows with the listing.
    case rows([[String?]])
    case outcome(Outcome)
    case failure(Failure)
}

/// What was done.
public struct Outcome: Codable, Equatable, Sendable {
    public var code: ExitCode
    /// One or more sentences for a person; empty for a listing that speaks for itself.
    public var message: String
    /// What was asked to be listed or shown.
    public var reports: [Report]

    public init(_ message: String, code: ExitCode = .done, reports: [Report] = []) {
        self.code = code
        self.message = message
        self.reports = reports
    }
}
