internal import Execution
internal import MailCrypto
internal import MessageStore
internal import SQLite
internal import Synchronization

/// Makes one set.
///
/// The index is copied first, to the server's own disk, so that a slow or dead target holds back no checkpoint; then
/// the segments as far as that index names them, whose octets were synced before it named them; the set's folder last,
/// under a temporary name until all in it is synced.
struct SetMaker: Sendable {
    let keeper: Keeper
    let progress: @Sendable (String) -> Void

    private static let attemptsMax = 3

    private var target: Target { keeper.target }
    private var workspace: Workspace { keeper.workspace }
    private var copier: FileCopy { FileCopy(octetsPerSecondMax: keeper.options.octetsPerSecondMax) }

    func make() async throws -> Manifest {
        let lock = try await keeper.blocking("prepare the target") { [target, workspace] in
            try target.prepare()
            let lock = try Target.Lock(target)
            try target.removeLeftovers()
            try workspace.prepare()
            return lock
        }
        defer { withExtendedLifetime(lock) {} }
        let store = try await IndexFacts.storeName(keeper.database, fresh: Hexadecimal.encode(Random.octets(16)))
        let generation = try await keeper.store.generation()
        let catalogue = try await keeper.blocking("read the target") { [target] in
            try Catalogue(target, store: store, generation: generation)
        }
        for attempt in 1... {
            do {
                let manifest = try await make(store, catalogue)
                try await keeper.blocking("clean up") { [workspace] in try workspace.clean() }
                return manifest
            } catch BackupError.storeChanging where attempt < Self.attemptsMax {
                progress("Segments were removed meanwhile: copying the index again.")
                try await keeper.blocking("clean up") { [workspace] in try workspace.clean() }
            } catch {
                try? await keeper.blocking("clean up") { [workspace] in try workspace.clean() }
                throw error
            }
        }
        throw BackupError.storeChanging
    }

    private func make(_ store: String, _ catalogue: Catalogue) async throws -> Manifest {
        let createdAt = keeper.now()
        progress("Copying the index.")
        let index = try await copyIndex()
        let live = Dictionary(
            try await keeper.store.segmentFiles().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return try await keeper.blocking("copy to \(target.path)") { [self] in
            var copies = SegmentCopies(target: target, copier: copier, catalogue: catalogue)
            var segments: [Manifest.Segment] = []
            for (number, segment) in index.segments.enumerated() {
                guard let file = live[segment.id] else { throw BackupError.storeChanging }
                let before = copies.octetsAdded
                segments.append(
                    segment.isSealed
                        ? try copies.copySealed(file, octets: segment.octets)
                        : try copies.copyOpen(file, end: segment.octets))
                if copies.octetsAdded > before { progress("Copied segment \(number + 1) of \(index.segments.count).") }
            }
            try copies.sync()
            var number = 1
            var name = Target.setName(at: createdAt, generation: index.generation, number: number)
            while catalogue.names.contains(name) {
                number += 1
                name = Target.setName(at: createdAt, generation: index.generation, number: number)
            }
            let manifest = Manifest(
                name: name, store: store, generation: index.generation, createdAt: createdAt, counts: index.counts,
                files: [], segments: segments, octetsAdded: copies.octetsAdded)
            return try SetFolder(target: target, copier: copier, workspace: workspace, options: keeper.options)
                .write(manifest)
        }
    }

    /// Copies `mail.db` and `spam.db` into the workspace.
    ///
    /// - Returns: what the copy says, with the end of the open segment at its instant.
    private func copyIndex() async throws -> IndexFacts {
        let spam = keeper.spamDatabase.flatMap { Disk.octets(of: $0.options.path) } ?? 0
        // Twice: as it is copied, and where it is looked into.
        try workspace.checkSpace(for: 2 * (Disk.octets(of: keeper.database.options.path) ?? 0) + spam)
        let rate = keeper.options.octetsPerSecondMax
        let instant = Instant()
        try await keeper.database.copy(to: workspace.freshIndex, octetsPerSecondMax: rate) { [store = keeper.store] in
            instant.openSegment.withLock { $0 = store.openSegmentEnd() }
        }
        try await keeper.spamDatabase?.copy(to: workspace.freshSpam, octetsPerSecondMax: rate)
        let database = try await keeper.blocking("open the copy of the index") { [workspace, copier] in
            _ = try copier.join([workspace.freshIndex], into: workspace.index)
            return try Workspace.open(workspace.index)
        }
        let facts: Result<IndexFacts, any Error>
        do {
            facts = .success(try await database.read(priority: .bulk) { try IndexFacts($0) })
        } catch {
            facts = .failure(error)
        }
        await database.close()
        return try facts.get().knowing(open: instant.openSegment.withLock { $0 })
    }
}

/// What was so when the index was frozen.
private final class Instant: Sendable {
    let openSegment = Mutex<(segment: Int64, octets: Int)?>(nil)
}
