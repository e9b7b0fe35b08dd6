import Control
import Logging

extension Administrator {
    func makeBackup(_ progress: @escaping @Sendable (String) -> Void) async throws(Failure) -> Outcome {
        guard let backup else { throw Self.noBackup("make a backup") }
        return try await attempt("make a backup") {
            let set = try await backup.now(progress: progress)
            log.notice("backup made", metadata: ["set": "\(set.name)", "octets_added": "\(set.octetsAdded)"])
            return Outcome("Made the backup set \(set.name).", reports: [Self.report([set])])
        }
    }

    func listBackups() async throws(Failure) -> Outcome {
        guard let backup else { throw Self.noBackup("list the backups") }
        return try await attempt("list the backups") {
            let sets = try await backup.list()
            return Outcome(
                sets.isEmpty ? "No backups. Make one with: postino backup now" : "", reports: [Self.report(sets)])
        }
    }

    func verifyBackup(
        _ name: String?, _ progress: @escaping @Sendable (String) -> Void
    ) async throws(Failure) -> Outcome {
        guard let backup else { throw Self.noBackup("verify a backup") }
        let what = name.map { "the backup set \($0)" } ?? "the newest backup set"
        return try await attempt("verify \(what)") {
            guard let proof = try await backup.verify(name, progress: progress) else {
                throw Failure(
                    .notFound, "no-such-set", tried: "verify \(what)", obstacle: "there is no such set",
                    next: "See the sets with: postino backup list")
            }
            let report = Report(
                "proof",
                record: [
                    (.init("set", "Set"), proof.set),
                    (.init("isProven", "Proven", .boolean), "\(proof.findings.isEmpty)"),
                    (.init("bodiesRead", "Bodies read", .integer), "\(proof.bodiesRead)"),
                    (
                        .init("findings", "Findings"),
                        proof.findings.isEmpty ? nil : proof.findings.joined(separator: "; ")
                    ),
                ])
            log.notice("backup verified", metadata: ["set": "\(proof.set)", "findings": "\(proof.findings.count)"])
            return proof.findings.isEmpty
                ? Outcome("The backup set \(proof.set) is proven: it can be restored.", reports: [report])
                : Outcome(
                    "The backup set \(proof.set) FAILED: \(proof.findings.joined(separator: "; ")).",
                    code: .checkFailed,
                    reports: [report])
        }
    }

    private static func report(_ sets: [BackupSet]) -> Report {
        Report(
            "sets",
            columns: [
                .init("name", "SET"), .init("createdAt", "CREATED", .time), .init("octets", "SIZE", .octets),
                .init("octetsAdded", "ADDED", .octets), .init("messages", "MESSAGES", .integer),
                .init("state", "STATE"),
            ],
            rows: sets.map {
                [
                    $0.name, "\($0.createdAt)", "\($0.octets)", "\($0.octetsAdded)", $0.messages.map { "\($0)" },
                    $0.state,
                ]
            })
    }

    private static func noBackup(_ tried: String) -> Failure {
        Failure(
            .failed, "no-backup-target", tried: tried, obstacle: "no folder for backups is configured",
            next: "Name one in the configuration file and restart the server.")
    }
}
