/// What an operator wants to know of the scanner.
public struct ScannerStatus: Equatable, Sendable {
    public enum State: Equatable, Sendable {
        /// Started, but not yet answering: signatures are being loaded.
        case starting
        case running
        case stopped(reason: String)
    }

    public var state: State
    /// Signatures in use; 0 means that nothing will ever be found.
    public var signatures = 0
    /// When the newest signature file was made, in seconds since 1970-01-01T00:00:00Z; nil without one.
    public var newestSignatureTime: Int64?
    /// The version of ClamAV's daily data base; nil without it.
    public var databaseVersion: Int?
    /// libclamav's version; empty before it is known.
    public var engineVersion = ""
    /// Counts the times that this scanner process loaded signatures.
    public var generation = 0
    /// Process ids: the scanner's first process, those that scan, and the one for SPF.
    public var process: Int32 = 0
    public var workers: [Int32] = []
    public var spfWorker: Int32 = 0
    public var busyWorkers = 0
    /// How often the scanner was started again after it died.
    public var restarts = 0
    /// Requests under way or waiting.
    public var pending = 0
    /// Why there are no signatures, or why new ones could not be loaded.
    public var problem: String?

    public init(state: State) { self.state = state }
}
