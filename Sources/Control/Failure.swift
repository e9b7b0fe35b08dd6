/// Why a command was not done, in an administrator's words.
public struct Failure: Error, Codable, Equatable, Sendable, CustomStringConvertible {
    /// Never `done`.
    public var code: ExitCode
    /// For scripts, finer than the code and stable: "domain-exists".
    public var word: String
    /// What was to be done, as the end of "could not": "add the mailbox ann@example.test".
    public var tried: String
    /// What stood in the way, one clause without its full stop.
    public var obstacle: String
    /// What to do next, as sentences; empty when there is nothing to say.
    public var next: String

    public init(_ code: ExitCode, _ word: String, tried: String, obstacle: String, next: String = "") {
        self.code = code
        self.word = word
        self.tried = tried
        self.obstacle = obstacle
        self.next = next
    }

    /// "Could not add the mailbox ann@example.test: … Next step."
    public var description: String {
        "Could not \(tried): \(obstacle)." + (next.isEmpty ? "" : "\n\(next)")
    }
}
