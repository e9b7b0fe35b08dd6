import Glibc
public import MIME
public import MailCore

/// What the classifier thinks of a message, and why.
public struct SpamScore: Equatable, Sendable {
    /// One token of the message that spoke for or against it.
    public struct Word: Equatable, Sendable {
        /// As the tokenizer made it ("viagra", "subject:free", "url:example.org"): of a stranger, at most 100 octets.
        public var text: String
        /// Log-odds: above 0 for spam.
        public var weight: Double

        public init(text: String, weight: Double) {
            self.text = text
            self.weight = weight
        }
    }

    /// How many messages of each kind a model was made of.
    public struct Training: Equatable, Sendable {
        public var ham: Int
        public var spam: Int

        public init(ham: Int = 0, spam: Int = 0) {
            self.ham = ham
            self.spam = spam
        }
    }

    /// Above 0 for spam; within `limit` of 0.
    public var logOdds: Double
    /// How far a model of this size may go: 0, 2, 4 or 6.
    public var limit: Double
    /// The strongest words of each kind, spam first, each kind by its strength.
    public var words: [Word]
    /// What everybody taught.
    public var global: Training
    /// What the recipient taught beyond that.
    public var account: Training

    public init(
        logOdds: Double, limit: Double = 6, words: [Word] = [], global: Training = Training(),
        account: Training = Training()
    ) {
        self.logOdds = logOdds
        self.limit = limit
        self.words = words
        self.global = global
        self.account = account
    }

    /// 0 to 1, from the classifier alone.
    public var probability: Double { 1 / (1 + exp(-logOdds)) }
}

/// Scores messages. `Classifier` does; a test may have another.
public protocol MessageScoring: Sendable {
    /// - Parameters:
    ///   - message: whole, or as much of it as was kept in memory.
    ///   - accounts: each once; `Classifier.everybody` for the model that all share.
    /// - Returns: one score for each account.
    func score(_ message: Message, accounts: [AccountID]) async throws -> [AccountID: SpamScore]
}
