import MailAuth
import Observation

/// Judges finished messages, before they are acknowledged.
public struct Pipeline: Sendable {
    private static let examined = Counter("postino_filter_messages_total", help: "Messages that the filter looked at.")
    private static let refused = Counter(
        "postino_filter_refused_total", help: "Messages that the filter refused or put off.")

    private static let infected = Counter("postino_filter_malware_total", help: "Messages with malware.")
    private static let unauthentic = Counter(
        "postino_filter_dmarc_failures_total", help: "Messages that failed DMARC.")
    private static let junk = Counter(
        "postino_filter_junk_total", help: "Messages that are junk to one recipient at least.")

    public let options: Options
    private let stages: Stages?

    public init(_ options: Options, _ services: Services) {
        self.options = options
        stages = Stages(options, services)
    }

    private init(off options: Options) {
        self.options = options
        stages = nil
    }

    /// A pipeline without stages: everything is accepted unseen.
    public static func off(hostName: String) -> Pipeline { Pipeline(off: Options(hostName: hostName)) }

    /// Whether it looks at anything.
    public var isOn: Bool { stages != nil }

    /// The verdict on a message, within the longest time limit of the options. Never throws: what fails is a signal.
    public func examine(_ examination: Examination) async -> Verdict {
        guard let stages else { return off(examination) }
        Self.examined.increment()
        let findings = await stages.run(examination)
        let verdict = Judgement(options: options, examination: examination, findings: findings).verdict
        if verdict.dataReply != .accept { Self.refused.increment() }
        if case .infected = findings.virus { Self.infected.increment() }
        if case .outcome(let dmarc) = findings.dmarc, dmarc.result == .fail { Self.unauthentic.increment() }
        if verdict.recipients.contains(where: { $0.action.isForJunk }) { Self.junk.increment() }
        stages.seekSecondOpinion(examination, findings)
        return verdict
    }

    private func off(_ examination: Examination) -> Verdict {
        Verdict(
            isExamined: false, message: .accept,
            recipients: examination.recipients.map { Verdict.Part(account: $0, action: .accept) }, signals: [],
            authentication: AuthenticationResults(authservID: options.hostName, results: []),
            junkProbability: options.junkProbability)
    }
}
