import Control
import Logging
import MessageStore

extension Administrator {
    func check(
        repairs: Bool, readsBodies: Bool, _ progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome {
        let store = try store(to: "check the store")
        return try await attempt(repairs ? "check and repair the store" : "check the store") {
            var sentences: [String] = []
            if repairs {
                let done = try await store.repair(progress: progress)
                sentences += done.map { "Repaired: \($0)." }
                if !done.isEmpty { log.notice("store repaired", metadata: ["repairs": "\(done.count)"]) }
            }
            let findings = try await store.check(readsBodies: readsBodies, progress: progress)
            let lost = store.lostFiles()
            if !lost.isEmpty {
                sentences.append(
                    "Messages that the index did not know at some start are in lost/ (\(lost.joined(separator: ", "))); "
                        + "postino check --repair delivers them to the folder \(MessageStore.recoveredMailbox).")
            }
            let report = Report(
                "findings", columns: [.init("finding", "FINDING")], rows: findings.map { [$0] })
            guard !findings.isEmpty else {
                return Outcome((sentences + ["The store is good."]).joined(separator: "\n"), reports: [report])
            }
            log.error("the store has faults", metadata: ["findings": "\(findings.count)", "first": "\(findings[0])"])
            sentences.append(
                repairs
                    ? "\(findings.count) faults are left. What is damaged can be brought back from a backup."
                    : "\(findings.count) faults. Mend what can be mended with: postino check --repair")
            return Outcome(sentences.joined(separator: "\n"), code: .checkFailed, reports: [report])
        }
    }
}
