public import Execution
internal import Logging
public import MessageStore
internal import Observation
public import SQLite
internal import Synchronization

/// Makes, lists, proves and removes the backup sets of one store in one target folder.
///
/// A set that is there is complete and synced; ending the process at any moment leaves the target usable.
public final class Keeper: Sendable {
    public struct Options: Sendable {
        /// The folder of the sets. Must exist.
        public var target: String
        /// A folder of the server, on its own disk: `backup-work` in it takes a copy of the index while one is made.
        public var stateFolder: String
        /// Files that a server needs beside its store (TLS keys and certificates); those that are missing are left out.
        public var keyFiles: [String] = []
        /// So that mail does not wait for the disk; 0 for as fast as it goes.
        public var octetsPerSecondMax = 50_000_000
        /// What `prune` leaves when it is not told.
        public var keepSets = 14

        public init(target: String, stateFolder: String) {
            self.target = target
            self.stateFolder = stateFolder
        }
    }

    public let options: Options
    let store: MessageStore
    let database: Database
    let spamDatabase: Database?
    let target: Target
    let workspace: Workspace
    let now: @Sendable () -> Int64
    let log = Log.logger("backup")
    private let files: BlockingPool
    private let isWorking = Mutex(false)

    /// - Parameters:
    ///   - store: open; its server may run or not.
    ///   - database: the store's `mail.db`.
    ///   - spamDatabase: `spam.db`, if there is one.
    ///   - files: reads and writes files; one of its threads at a time.
    ///   - now: seconds since 1970-01-01T00:00:00Z.
    public init(
        options: Options, store: MessageStore, database: Database, spamDatabase: Database?, files: BlockingPool,
        now: @escaping @Sendable () -> Int64
    ) {
        self.options = options
        self.store = store
        self.database = database
        self.spamDatabase = spamDatabase
        self.files = files
        self.now = now
        target = Target(path: options.target)
        workspace = Workspace(path: options.stateFolder + "/backup-work")
    }

    /// Makes a set: copies what the target does not have yet. Mail goes on meanwhile.
    ///
    /// - Throws: `atWork` when a set is being made, proven or removed; then and in all other cases the target is as
    ///   good as before.
    @discardableResult
    public func makeSet(progress: @escaping @Sendable (String) -> Void) async throws(BackupError) -> SetFacts {
        try await exclusively("make a backup set") { [self] in
            let manifest = try await SetMaker(keeper: self, progress: progress).make()
            log.info(
                "backup set made", metadata: ["set": "\(manifest.name)", "octets_added": "\(manifest.octetsAdded)"])
            return SetFacts(manifest, state: "not verified")
        }
    }

    /// The complete sets, oldest first. One whose manifest is damaged is in the list, with that as its state.
    public func sets() async throws(BackupError) -> [SetFacts] {
        try await blocking("list the backup sets") { [target] in
            try target.setNames().map { name in
                do throws(BackupError) {
                    return SetFacts(try target.manifest(name), state: target.proof(name)?.state ?? "not verified")
                } catch {
                    return SetFacts(unreadable: name, state: "failed: \(error.diagnostic)")
                }
            }
        }
    }

    /// The names of the sets that hold the octets of a segment up to `end`. One whose manifest cannot be read is left out.
    public func sets(holding segment: Int64, upTo end: Int) async throws(BackupError) -> [String] {
        try await blocking("look into the backup sets") { [target] in
            try target.setNames().filter { name in
                let manifest = try? target.manifest(name)
                return manifest?.segments.contains { $0.id == segment && $0.octets >= Int64(end) } ?? false
            }
        }
    }

    /// Proves a set by what a restore would do with it, and records the outcome beside it.
    ///
    /// Reads every octet of the set; looks into its index in a scratch folder; reads bodies, all up to 10,000, else
    /// 1,000.
    ///
    /// - Parameter name: nil for the newest.
    /// - Returns: the findings, if any; a set that is damaged is no error.
    /// - Throws: `noSuchSet`, `noSets`, `atWork`; what kept the proof from being made.
    public func verify(
        _ name: String?, progress: @escaping @Sendable (String) -> Void
    ) async throws(BackupError) -> Proof {
        try await exclusively("verify a backup set") { [self] in
            let proof = try await Verification(keeper: self, progress: progress).prove(name)
            log.info("backup set verified", metadata: ["set": "\(proof.set)", "state": "\(proof.state)"])
            return proof
        }
    }

    /// Removes the oldest sets, then the segment files and pieces that no set names any more.
    ///
    /// The newest proven set stays in any case.
    ///
    /// - Parameter keep: how many of the newest stay, at least 1; nil for `Options.keepSets`.
    /// - Returns: the names of those removed.
    @discardableResult
    public func prune(keep: Int? = nil) async throws(BackupError) -> [String] {
        try await exclusively("remove old backup sets") { [self] in
            let keep = max(1, keep ?? options.keepSets)
            return try await blocking("remove old backup sets") { [target] in
                try target.prepare()
                let lock = try Target.Lock(target)
                defer { withExtendedLifetime(lock) {} }
                return try Pruning(target: target).run(keep: keep)
            }
        }
    }

    func blocking<Outcome: Sendable>(
        _ operation: String, _ work: @escaping @Sendable () throws -> Outcome
    ) async throws(BackupError) -> Outcome {
        do {
            return try await files.run(priority: .bulk, work)
        } catch {
            throw BackupError(error, during: operation)
        }
    }

    private func exclusively<Outcome: Sendable>(
        _ operation: String, _ work: @Sendable () async throws -> Outcome
    ) async throws(BackupError) -> Outcome {
        let isFree = isWorking.withLock { isWorking in
            defer { isWorking = true }
            return !isWorking
        }
        guard isFree else { throw .atWork(target: options.target) }
        defer { isWorking.withLock { $0 = false } }
        do {
            return try await work()
        } catch {
            throw BackupError(error, during: operation)
        }
    }
}
