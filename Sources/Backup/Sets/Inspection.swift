internal import Execution
internal import MessageStore
internal import SQLite

/// What an opened copy of a store shows of itself: the database's integrity, the store's, the counts, bodies.
struct Inspection: Sendable {
    private(set) var findings: [String] = []
    private(set) var bodiesRead = 0

    /// Opens the store in `folder` on its index: recovery writes in the index.
    ///
    /// - Parameters:
    ///   - paths: of the segments by their number.
    ///   - counts: what the index must say.
    init(database: Database, folder: String, paths: [Int64: String], counts: Manifest.Counts) async {
        let cpu = BlockingPool(name: "proof-cpu", threads: 1, queueMax: 64)
        let files = BlockingPool(name: "proof-files", threads: 1, queueMax: 64)
        defer {
            cpu.stop()
            files.stop()
        }
        do {
            let (facts, sample) = try await database.read(priority: .bulk) { (try IndexFacts($0), try BodySample($0)) }
            if facts.counts != counts { findings.append("mail.db counts \(facts.counts), the manifest \(counts)") }
            let (read, wrong) = try await files.run {
                var wrong: [String] = []
                let read = sample.read(paths: paths) { if wrong.count < Proof.findingsMax { wrong.append($0) } }
                return (read, wrong)
            }
            bodiesRead = read
            findings += wrong
            let store = try await files.run {
                try MessageStore(
                    options: MessageStore.Options(directory: folder), database: database, cpu: cpu, files: files)
            }
            findings += try await store.check(readsBodies: false)
        } catch {
            findings.append(BackupError(error, during: "look into the store").diagnostic)
        }
    }
}
