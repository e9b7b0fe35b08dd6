import DNS
import MailAuth
import MailCore
import SpamScoring

/// What the stages found; nil for a stage that was left out.
struct Findings: Sendable {
    enum DMARC: Equatable, Sendable {
        case outcome(DMARCOutcome)
        /// Not evaluated, and why.
        case skipped(String)
    }

    enum Signatures: Equatable, Sendable {
        case findings(SignatureFindings)
        /// The time was over.
        case noAnswer
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
    var signatures: Signatures?
    var dmarc: DMARC?
    var virus: Virus?
    var classification: Classification?
}

/// What of the header matters to the verdict.
struct StructureFacts: Equatable, Sendable {
    var fromFields = 1
    /// The domains of the addresses in From, each once; one more than `fromDomainsMax` at most.
    var fromDomains: [String] = []
    var receivedFields = 0
    var hasDate = true
    /// It says of itself that it came through a mailing list (RFC 2919).
    var hasListID = false

    /// Each costs look-ups of its policy.
    static let fromDomainsMax = 5
}
