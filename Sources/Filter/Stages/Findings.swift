import DNS
import MailAuth
import MailCore
import SpamScoring

/// What the stages found; nil for a stage that was left out.
struct Findings: Sendable {
    enum DMARC: Equatable, Sendable {
        case outcome(DMARCOutcome)
        /// The time was over.
        case noAnswer(fromDomain: String)
        /// Not evaluated, and why.
        case skipped(String)
    }

    enum Virus: Equatable, Sendable {
        case clean
        case infected(String)
        case cannotCheck(String)
        case unavailable(String)
        /// The scanner found nothing, having nothing to look for.
        case noSignatures
        /// There is no scanner.
        case off
    }

    enum Classification: Equatable, Sendable {
        case scores([AccountID: SpamScore])
        case failed(String)
        case skipped(String)
    }

    var structure: StructureFacts
    var iprev: ForwardConfirmation?
    var spf: SPFOutcome?
    var dmarc: DMARC?
    var virus: Virus?
    var classification: Classification?
}

/// What of the header matters to the verdict.
struct StructureFacts: Equatable, Sendable {
    var fromFields = 1
    /// The domain of the one address in From; nil when there is none or are several.
    var fromDomain: String?
    var receivedFields = 0
    var hasDate = true
}
