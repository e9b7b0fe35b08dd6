import Control
import Logging

extension Administrator {
    func learn(_ kind: SpamClass, _ lengths: [Int], _ body: [UInt8]) async throws(Failure) -> Outcome {
        guard let spam else { throw Self.missing("learn", "there is no classifier here") }
        return try await attempt("learn \(lengths.count) message\(lengths.count == 1 ? "" : "s") as \(kind.rawValue)") {
            var messages: [[UInt8]] = []
            var start = 0
            for length in lengths {
                guard length >= 0, length <= body.count - start else {
                    throw Failure(
                        .usage, "body-too-short", tried: "learn", obstacle: "fewer octets came than announced")
                }
                messages.append(Array(body[start..<start + length]))
                start += length
            }
            let outcome = try await spam.learn(messages, as: kind)
            log.notice("learned", metadata: ["class": "\(kind.rawValue)", "messages": "\(outcome.learned)"])
            return Outcome(
                "Learned \(outcome.learned) as \(kind.rawValue).",
                reports: [
                    Report(
                        "learned",
                        record: [
                            (.init("class", "Class"), kind.rawValue),
                            (.init("learned", "Learned", .integer), "\(outcome.learned)"),
                            (.init("known", "Known before", .integer), "\(outcome.known)"),
                        ])
                ])
        }
    }
}
