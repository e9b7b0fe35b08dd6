import Backup
import Logging
import Observation

/// What is done by itself while the server serves: backups.
actor Schedule {
    private let assembly: Assembly
    private let log = Log.logger("backup")
    private var task: Task<Void, Never>?

    init(assembly: Assembly) { self.assembly = assembly }

    func start() {
        guard assembly.keeper != nil, !assembly.settings.hasLabLimits else { return }
        task = Task { await run() }
    }

    func stop() async {
        task?.cancel()
        await task?.value
    }

    private func run() async {
        while !Task.isCancelled {
            let wait = await secondsToNext()
            guard (try? await Task.sleep(for: .seconds(wait))) != nil else { return }
            await makeSet()
        }
    }

    /// From the newest set there is, so that restarts neither delay nor multiply backups.
    private func secondsToNext() async -> Int64 {
        let newest = (try? await assembly.keeper?.sets())?.map(\.createdAt).max() ?? 0
        let due = newest + Int64(assembly.settings.configuration.backupEveryHours) * 3_600
        return max(60, due - Assembly.now())
    }

    private func makeSet() async {
        guard let keeper = assembly.keeper else { return }
        do {
            let set = try await keeper.makeSet { _ in }
            let proof = try await keeper.verify(set.name) { _ in }
            if proof.findings.isEmpty {
                log.notice("backup made and proven", metadata: ["set": "\(set.name)"])
            } else {
                log.error(
                    "backup made but not good", metadata: ["set": "\(set.name)", "findings": "\(proof.findings)"])
            }
            try await keeper.prune(keep: assembly.settings.configuration.backupKeepSets)
        } catch {
            log.error("backup failed", metadata: ["error": "\(error)"])
            // Not again at once: a target that is gone stays gone for a while.
            try? await Task.sleep(for: .seconds(600))
        }
    }
}
