/// What is known about a message after a scan.
public enum ScanOutcome: Equatable, Sendable {
    case clean
    /// With the name of the first signature that matched.
    case infected(String)
    /// Asking again will not help: a limit was passed, something is encrypted, or the octets stop the scanner. What
    /// happens to the message is a matter of policy.
    case cannotCheck(reason: String)
    /// The scanner does not run, or has too much to do: ask again later (SMTP 451).
    case unavailable(reason: String)
}

/// Scans messages. `Scanner` does; a test may have another.
public protocol MessageScanning: Sendable {
    /// - Parameter digest: names the octets, for the memory of messages that stop the scanner; nil for no memory.
    func scan(_ source: ScanSource, digest: String?) async -> ScanOutcome
}
