/// What a person says a message is.
public enum Label: Sendable, Hashable {
    case ham
    case spam

    var number: Int64 { self == .spam ? 1 : 0 }
    var other: Label { self == .spam ? .ham : .spam }

    init(number: Int64) { self = number == 1 ? .spam : .ham }
}

/// What became of messages that were to be learned.
public struct LearningOutcome: Equatable, Sendable {
    /// Learned for the first time.
    public var learned = 0
    /// Learned as the other kind before: that was undone first.
    public var changed = 0
    /// Learned as the same kind before: nothing was done.
    public var unchanged = 0

    public init(learned: Int = 0, changed: Int = 0, unchanged: Int = 0) {
        self.learned = learned
        self.changed = changed
        self.unchanged = unchanged
    }
}
