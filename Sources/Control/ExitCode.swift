/// How the `postino` command ends. Documented in `postino --help`; scripts rely on these numbers.
public enum ExitCode: Int32, Codable, Sendable, CaseIterable {
    case done = 0
    /// Refused, or found what was looked for (infected, spam).
    case refused = 1
    /// Could not be done, or could not be checked.
    case failed = 2
    /// What was named does not exist.
    case notFound = 3
    /// No server answers, and the store cannot be opened without it.
    case unreachable = 4
    /// A check was done and failed.
    case checkFailed = 5
    /// The command line is wrong (EX_USAGE).
    case usage = 64

    /// One line of the help.
    public var explanation: String {
        switch self {
        case .done: "done"
        case .refused: "refused, or found (infected, spam)"
        case .failed: "could not be done, or could not be checked"
        case .notFound: "not found"
        case .unreachable: "server not reachable"
        case .checkFailed: "a check failed"
        case .usage: "wrong usage"
        }
    }
}
