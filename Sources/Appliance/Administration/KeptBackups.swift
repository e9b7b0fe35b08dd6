import Backup
import Control
import ControlServer

/// The keeper of backups, in the words of the command line.
struct KeptBackups: BackupControl {
    let keeper: Keeper

    func now(progress: @escaping @Sendable (String) -> Void) async throws -> BackupSet {
        do throws(BackupError) {
            let set = try await keeper.makeSet(progress: progress)
            try await keeper.prune(keep: keeper.options.keepSets)
            return Self.shown(set)
        } catch {
            throw Failure(error)
        }
    }

    func sets(holding segment: Int64, upTo end: Int) async throws -> [String] {
        try await keeper.sets(holding: segment, upTo: end)
    }

    func list() async throws -> [BackupSet] {
        do throws(BackupError) {
            return try await keeper.sets().map(Self.shown)
        } catch {
            throw Failure(error)
        }
    }

    func verify(_ name: String?, progress: @escaping @Sendable (String) -> Void) async throws -> BackupProof? {
        do throws(BackupError) {
            let known = try await keeper.sets()
            guard let wanted = name ?? known.last?.name, known.contains(where: { $0.name == wanted }) else {
                return nil
            }
            let proof = try await keeper.verify(wanted, progress: progress)
            return BackupProof(set: wanted, findings: proof.findings, bodiesRead: proof.bodiesRead)
        } catch {
            throw Failure(error)
        }
    }

    private static func shown(_ set: SetFacts) -> BackupSet {
        BackupSet(
            name: set.name, createdAt: set.createdAt, octets: set.octets, octetsAdded: set.octetsAdded,
            messages: set.messages, state: set.state)
    }
}

extension Failure {
    /// What was tried is said by who asked.
    init(_ error: BackupError) {
        self.init(.failed, "backup", tried: "", obstacle: error.diagnostic, next: error.advice)
    }
}
