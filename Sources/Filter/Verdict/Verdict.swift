import Glibc
public import MailAuth
public import MailCore
public import SpamScoring

/// What the pipeline decided on a message, for all and for each recipient, with its reasons.
public struct Verdict: Equatable, Sendable {
    /// One recipient's part.
    public struct Part: Equatable, Sendable {
        public var account: AccountID
        /// Accept, junk, or a refusal that is this recipient's alone.
        public var action: Action
        /// Nil when the classifier was not asked, or failed.
        public var bayes: SpamScore?
        /// The classifier's log-odds and all evidence together; nil when the message was not scored.
        public var score: Double?

        public init(account: AccountID, action: Action, bayes: SpamScore? = nil, score: Double? = nil) {
            self.account = account
            self.action = action
            self.bayes = bayes
            self.score = score
        }

        /// 0 to 1.
        public var probability: Double? { score.map { 1 / (1 + exp(-$0)) } }
    }

    /// False: the filter is switched off; nothing was looked at.
    public var isExamined: Bool
    /// What holds for every recipient: accept, refuse or defer.
    public var message: Action
    /// In the order of the examination's recipients.
    public var recipients: [Part]
    public var signals: [Signal]
    public var authentication: AuthenticationResults
    /// A probability from here on is Junk.
    public var junkProbability: Double

    public init(
        isExamined: Bool = true, message: Action, recipients: [Part], signals: [Signal],
        authentication: AuthenticationResults, junkProbability: Double
    ) {
        self.isExamined = isExamined
        self.message = message
        self.recipients = recipients
        self.signals = signals
        self.authentication = authentication
        self.junkProbability = junkProbability
    }

    /// What the sender is told: 5xx only when nobody takes the message, 4xx only when the whole of it must wait.
    public var dataReply: DataReply {
        switch message {
        case .refuse(let refusal): return .refuse(refusal)
        case .defer(let refusal): return .defer(refusal)
        case .accept, .junk, .quarantine: break
        }
        var first: Refusal?
        for part in recipients {
            guard case .refuse(let refusal) = part.action else { return .accept }
            first = first ?? refusal
        }
        return first.map { .refuse($0) } ?? .accept
    }

    /// What happens to a recipient's copy: the message's part first, then its own; who would have refused alone gets
    /// quarantine, since others take the message.
    ///
    /// - Parameter account: one that was not examined is treated by the message's part alone.
    public func action(for account: AccountID) -> Action {
        switch dataReply {
        case .refuse(let refusal): return .refuse(refusal)
        case .defer(let refusal): return .defer(refusal)
        case .accept: break
        }
        switch part(of: account)?.action ?? message {
        case .refuse, .defer: return .quarantine
        case let action: return message.isForJunk && action == .accept ? message : action
        }
    }

    func part(of account: AccountID) -> Part? { recipients.first { $0.account == account } }
}
