import DNS
import MailAuth

/// The evidence beside the classifier: few weights, in log-odds.
extension Judgement {
    var signals: [Signal] {
        structureSignals
            + [iprevSignal, spfSignal].compactMap { $0 } + signatureSignals
            + [dmarcSignal, classifierSignal, virusSignal].compactMap { $0 }
    }

    private var structureSignals: [Signal] {
        let facts = findings.structure
        guard facts.refusal(options, isStranger: examination.isStranger) == nil else {
            if facts.receivedFields > options.hopsMax {
                return [Signal(.structure, "loop", reason: "\(facts.receivedFields) Received fields")]
            }
            if facts.fromFields > 1 {
                return [Signal(.structure, "several-from", reason: "\(facts.fromFields) From fields")]
            }
            return [Signal(.structure, "several-domains", reason: "From names too many domains")]
        }
        guard examination.isStranger else { return [] }
        var signals: [Signal] = []
        if facts.fromFields == 0 { signals.append(Signal(.structure, "no-from", weight: 0.5, reason: "no From field")) }
        if !facts.hasDate { signals.append(Signal(.structure, "no-date", weight: 0.3, reason: "no Date field")) }
        return signals
    }

    private var iprevSignal: Signal? {
        switch findings.iprev {
        case nil: nil
        case .confirmed(let name): Signal(.iprev, "pass", reason: name)
        case .mismatch(let name):
            Signal(.iprev, "fail", weight: 0.3, reason: "\(name) does not have the address")
        case .noName: Signal(.iprev, "no-name", weight: 0.5, reason: "the client has no reverse name")
        case .temporaryFailure(let why): Signal(.iprev, "temperror", reason: why)
        }
    }

    private var spfSignal: Signal? {
        guard let spf = findings.spf else { return nil }
        let weight =
            switch spf.result {
            case .fail: 1.0
            case .softfail: 0.5
            case .permerror: 0.3
            case .none, .neutral, .pass, .temperror: 0.0
            }
        return Signal(.spf, spf.result.rawValue, weight: weight, reason: "\(spf.domain): \(spf.reason)")
    }

    private var classifierSignal: Signal? {
        switch findings.classification {
        case nil: Signal(.classifier, "off", reason: "there is no classifier")
        case .scores: nil  // Each recipient has its own.
        case .failed(let why): Signal(.classifier, "failed", reason: "delivered unscored: \(why)")
        case .skipped(let why): Signal(.classifier, "skipped", reason: why)
        }
    }

    private var virusSignal: Signal? {
        switch findings.virus {
        case nil: nil
        case .clean: Signal(.antivirus, "clean")
        case .infected(let name): Signal(.antivirus, "infected", reason: name)
        case .cannotCheck(let why): Signal(.antivirus, "not-checked", reason: why)
        case .unavailable(let why): Signal(.antivirus, "unavailable", reason: why)
        case .noSignatures: Signal(.antivirus, "not-checked", reason: "the scanner has no signatures")
        case .off: Signal(.antivirus, "off", reason: "scanning is switched off")
        }
    }
}
