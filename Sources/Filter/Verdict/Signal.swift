/// Who looked.
public enum StageName: String, Hashable, Sendable, CaseIterable {
    case structure
    case iprev
    case spf
    case dkim
    case arc
    case dmarc
    case classifier
    case antivirus
}

/// One thing that a stage has to say of a message.
public struct Signal: Equatable, Sendable {
    public var stage: StageName
    /// A word: "pass", "fail", "clean", "infected", "skipped", "unavailable", …
    public var name: String
    /// Log-odds that it adds to the score: above 0 for spam.
    public var weight: Double
    /// For people. May hold a stranger's words; what is written of it is made harmless where it is written.
    public var reason: String

    public init(_ stage: StageName, _ name: String, weight: Double = 0, reason: String = "") {
        self.stage = stage
        self.name = name
        self.weight = weight
        self.reason = reason
    }
}
