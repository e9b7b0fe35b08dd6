internal import Execution
internal import Glibc
internal import MailCrypto
internal import MessageStore
internal import SQLite

/// Proves one set: every digest, the index's own integrity, the store's, and bodies read through the index.
///
/// The scratch store is links to the target's segments; only the index and the segment that was open are copied.
struct Verification: Sendable {
    let keeper: Keeper
    let progress: @Sendable (String) -> Void

    private var target: Target { keeper.target }
    private var workspace: Workspace { keeper.workspace }
    private var copier: FileCopy { FileCopy(octetsPerSecondMax: keeper.options.octetsPerSecondMax) }

    func prove(_ wanted: String?) async throws -> Proof {
        let (name, lock) = try await keeper.blocking("read the target") { [target, workspace] in
            let names = try target.setNames()
            guard let name = wanted ?? names.last else { throw BackupError.noSets(target: target.path) }
            guard names.contains(name) else { throw BackupError.noSuchSet(name: name, target: target.path) }
            let lock = try Target.Lock(target)
            try workspace.prepare()
            return (name, lock)
        }
        defer { withExtendedLifetime(lock) {} }
        var proof = Proof(
            set: name, provenAt: keeper.now(), findings: [], bodiesRead: 0, filesRead: 0, damagedFiles: [])
        do throws(BackupError) {
            let manifest = try await keeper.blocking("read the manifest") { [target] in try target.manifest(name) }
            proof = try await digests(manifest, proof)
            if proof.isProven { proof = try await lookInside(manifest, proof) }
        } catch .unreadableSet(_, let detail) {
            proof.find(detail)
        }
        let outcome = proof
        try await keeper.blocking("record the proof") { [target, workspace] in
            try target.record(outcome)
            try workspace.clean()
        }
        return outcome
    }

    private func digests(_ manifest: Manifest, _ proof: Proof) async throws(BackupError) -> Proof {
        var proof = proof
        let parts = manifest.parts
        for (number, part) in parts.enumerated() {
            let problem = try await keeper.blocking("read \(part.path)") { [target, copier] in
                Self.check(part, target, copier)
            }
            if let problem {
                proof.find("\(part.path) \(problem)")
                if proof.damagedFiles.count < Proof.findingsMax { proof.damagedFiles.append(part.path) }
            }
            proof.filesRead += 1
            if (number + 1) % 16 == 0 || number + 1 == parts.count {
                progress("Checked \(number + 1) of \(parts.count) files.")
            }
        }
        return proof
    }

    static func check(_ part: Manifest.Part, _ target: Target, _ copier: FileCopy) -> String? {
        guard let octets = Disk.octets(of: target.file(part.path)) else { return "is missing" }
        guard octets == part.octets else { return "has \(octets) octets instead of \(part.octets)" }
        do throws(BackupError) {
            let digest = try copier.digest(of: target.file(part.path), octets: octets)
            return "\(digest)" == part.sha256 ? nil : "is damaged: its SHA-256 is not the manifest's"
        } catch {
            return "cannot be read: \(error.diagnostic)"
        }
    }

    private func lookInside(_ manifest: Manifest, _ proof: Proof) async throws(BackupError) -> Proof {
        let paths = try await keeper.blocking("make the scratch store") { [self] in try materialise(manifest) }
        progress("Looking into the index.")
        let inspection: Inspection
        do {
            let database = try await keeper.blocking("open the index") { [workspace] in
                try Workspace.open(workspace.index)
            }
            inspection = await Inspection(
                database: database, folder: workspace.store, paths: paths, counts: manifest.counts)
            await database.close()
        } catch {
            var proof = proof
            proof.find("mail.db cannot be opened: \(error.diagnostic)")
            return proof
        }
        var proof = proof
        for finding in inspection.findings { proof.find(finding) }
        proof.bodiesRead = inspection.bodiesRead
        return proof
    }

    /// - Returns: paths of the segments by their number.
    private func materialise(_ manifest: Manifest) throws -> [Int64: String] {
        guard let index = manifest.files.first(where: { $0.restoredAs == "mail.db" }) else {
            throw BackupError.unreadableSet(name: manifest.name, detail: "it has no mail.db")
        }
        try workspace.checkSpace(
            for: index.octets + manifest.segments.filter { $0.parts.count != 1 }.reduce(0) { $0 + $1.octets })
        _ = try copier.join([target.file(index.path)], into: workspace.index)
        var paths: [Int64: String] = [:]
        for segment in manifest.segments {
            let path = workspace.store + "/" + segment.name
            try Disk.makeFolders(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
            let parts = segment.parts.map { target.file($0.path) }
            if parts.count == 1 {
                guard symlink(try absolute(parts[0]), path) == 0 else { throw Disk.failure("link \(path)") }
            } else {
                _ = try copier.join(parts, into: path)
            }
            paths[segment.id] = path
        }
        return paths
    }

    private func absolute(_ path: String) throws(BackupError) -> String {
        guard let real = realpath(path, nil) else { throw Disk.failure("find \(path)") }
        defer { free(real) }
        return String(cString: real)
    }
}
