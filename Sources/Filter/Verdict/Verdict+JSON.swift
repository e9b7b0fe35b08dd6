public import MailCore
import SpamScoring

/// The verdict as data, for the store and for `explain`.
extension Verdict {
    /// Everything, for all recipients.
    public func json() -> String { json(recipients) }

    /// What concerns one recipient: the others are not named in it.
    public func json(for account: AccountID) -> String { json(recipients.filter { $0.account == account }) }

    private func json(_ parts: [Part]) -> String {
        var json = JSONText()
        json.object { json in
            json.integer("version", 1)
            json.boolean("examined", isExamined)
            Self.write(message, "message", to: &json)
            json.number("junkProbability", junkProbability)
            json.array("signals") { json in
                for signal in signals { Self.write(signal, to: &json) }
            }
            json.array("recipients") { json in
                for part in parts { write(part, to: &json) }
            }
        }
        return json.text
    }

    private func write(_ part: Part, to json: inout JSONText) {
        json.object { json in
            json.integer("account", part.account.rawValue)
            Self.write(action(for: part.account), "action", to: &json)
            if let score = part.score, let probability = part.probability {
                json.number("score", score)
                json.number("probability", probability)
            }
            guard let bayes = part.bayes else { return }
            json.object("bayes") { json in
                json.number("logOdds", bayes.logOdds)
                json.number("limit", bayes.limit)
                Self.write(bayes.global, "global", to: &json)
                Self.write(bayes.account, "account", to: &json)
                json.array("words") { json in
                    for word in bayes.words {
                        json.object { json in
                            json.string("text", word.text)
                            json.number("weight", word.weight)
                        }
                    }
                }
            }
        }
    }

    private static func write(_ training: SpamScore.Training, _ key: String, to json: inout JSONText) {
        json.object(key) { json in
            json.integer("ham", Int64(training.ham))
            json.integer("spam", Int64(training.spam))
        }
    }

    private static func write(_ signal: Signal, to json: inout JSONText) {
        json.object { json in
            json.string("stage", signal.stage.rawValue)
            json.string("name", signal.name)
            json.number("weight", signal.weight)
            if !signal.reason.isEmpty { json.string("reason", signal.reason) }
        }
    }

    private static func write(_ action: Action, _ key: String, to json: inout JSONText) {
        json.object(key) { json in
            json.string("name", action.name)
            guard case .refuse(let refusal) = action.withoutDeferral else { return }
            json.integer("code", Int64(refusal.code))
            json.string("enhancedCode", refusal.enhancedCode)
            json.string("text", refusal.text)
        }
    }
}

extension Action {
    /// A deferral as a refusal: both have a reply.
    fileprivate var withoutDeferral: Action {
        if case .defer(let refusal) = self { .refuse(refusal) } else { self }
    }
}
