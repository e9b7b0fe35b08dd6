internal import Execution
internal import Glibc
internal import MessageStore
internal import SQLite

/// One restore of a whole server.
struct ServerRestore: Sendable {
    let target: Target
    let manifest: Manifest
    let directory: String
    let pool: BlockingPool
    let progress: @Sendable (String) -> Void

    /// The index until all is well.
    private static let unfinished = "mail.db.restoring"

    private var index: String { directory + "/" + Self.unfinished }
    private var copier: FileCopy { FileCopy(octetsPerSecondMax: 0) }

    func run() async throws -> RestoreFacts {
        try await pool.run { try prepare() }
        do {
            try await pool.run { try copy() }
            let facts = try await bringUp()
            try await pool.run { try finish() }
            return facts
        } catch {
            try? await pool.run { try remove() }
            throw error
        }
    }

    private func prepare() throws(BackupError) {
        try Disk.makeFolders(directory)
        guard try Disk.names(in: directory).allSatisfy({ $0 == "lock" }) else { throw .folderNotEmpty(path: directory) }
        if let free = Disk.freeOctets(at: directory), free < manifest.octets {
            throw .noSpace(path: directory, neededOctets: manifest.octets, freeOctets: free)
        }
    }

    /// Removes what this restore made: the folder was empty.
    private func remove() throws(BackupError) {
        for name in try Disk.names(in: directory) where name != "lock" { try Disk.removeTree(directory + "/" + name) }
    }

    private func copy() throws(BackupError) {
        for file in manifest.files {
            let name = file.restoredAs == "mail.db" ? Self.unfinished : file.restoredAs
            try copy([Manifest.Part(path: file.path, octets: file.octets, sha256: file.sha256)], as: name)
        }
        for (number, segment) in manifest.segments.enumerated() {
            try copy(segment.parts, as: segment.name)
            if (number + 1) % 16 == 0 || number + 1 == manifest.segments.count {
                progress("Restored \(number + 1) of \(manifest.segments.count) segments.")
            }
        }
    }

    private func copy(_ parts: [Manifest.Part], as name: String) throws(BackupError) {
        let path = directory + "/" + name
        try Disk.makeFolders(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        for part in parts {
            if let problem = Verification.check(part, target, copier) {
                throw .damaged(set: manifest.name, file: part.path, detail: "it \(problem)")
            }
        }
        _ = try copier.join(parts.map { target.file($0.path) }, into: path)
        var offset: Int64 = 0
        for part in parts {
            let digest = try copier.digest(of: path, range: offset..<offset + part.octets)
            guard "\(digest)" == part.sha256 else {
                throw .failed(operation: "copy \(part.path)", detail: "what is in \(path) now is not what was read")
            }
            offset += part.octets
        }
    }

    /// Opens the restored store, looks into it and raises its generation.
    private func bringUp() async throws -> RestoreFacts {
        progress("Looking into the restored store.")
        let database = try await pool.run { try Workspace.open(index) }
        let outcome: Result<RestoreFacts, any Error>
        do {
            outcome = .success(try await raise(database))
        } catch {
            outcome = .failure(error)
        }
        await database.close()
        return try outcome.get()
    }

    private func raise(_ database: Database) async throws -> RestoreFacts {
        let paths = Dictionary(
            manifest.segments.map { ($0.id, directory + "/" + $0.name) }, uniquingKeysWith: { first, _ in first })
        let highest = try await pool.run { highestGeneration() }
        let generation = try await pool.run {
            try MessageStore.raiseGeneration(in: database, atLeast: highest + 1, now: Int64(time(nil)))
        }
        let inspection = await Inspection(
            database: database, folder: directory, paths: paths, counts: manifest.counts)
        if let finding = inspection.findings.first {
            throw BackupError.damaged(set: manifest.name, file: "mail.db", detail: finding)
        }
        let held = try await database.read {
            try $0.integer("SELECT count(*) FROM queue_recipient WHERE state = 2") ?? 0
        }
        try await database.checkpoint()
        return RestoreFacts(
            set: manifest.name, directory: directory, generation: generation, accounts: manifest.counts.accounts,
            messages: manifest.counts.messages, octets: manifest.octets, bodiesRead: inspection.bodiesRead,
            heldRecipients: Int(held), keyFiles: manifest.files.dropFirst().map(\.restoredAs).filter { $0 != "spam.db" }
        )
    }

    /// Of all sets in the target, so that no two restores give the same numbers once one of them was backed up.
    private func highestGeneration() -> Int64 {
        let names = (try? target.setNames()) ?? []
        return names.compactMap { Int64($0.split(separator: "-").dropFirst().first ?? "") }.max() ?? manifest.generation
    }

    /// The WAL is in the database by now. Gives the index its name, when all is synced.
    private func finish() throws(BackupError) {
        for suffix in ["-wal", "-shm"] { try Disk.remove(index + suffix) }
        try Disk.sync(file: index)
        for name in try Disk.names(in: directory + "/segments") {
            try Disk.sync(folder: directory + "/segments/" + name)
        }
        for name in try Disk.names(in: directory) where Disk.isFolder(directory + "/" + name) {
            try Disk.sync(folder: directory + "/" + name)
        }
        try Disk.move(index, to: directory + "/mail.db")
        try Disk.sync(folder: directory)
        try Disk.sync(folder: directory + "/..")
    }
}
