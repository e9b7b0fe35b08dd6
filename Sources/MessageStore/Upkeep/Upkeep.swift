internal import Execution
internal import Logging
internal import Observation

extension MessageStore {
    /// How long things are kept, and when space is worth the work.
    public struct UpkeepOptions: Sendable {
        /// Expunged mail can be brought back for so many days, where its domain has no time of its own.
        public var retentionDays = 14
        /// The lives of messages can be traced for so many days.
        public var traceDays = 90
        /// Finished deliveries of the queue can be searched for so many days.
        public var finishedDays = 14
        /// From so much of a segment being dead on, in percent, it is compacted.
        public var compactionPercent = 40
        /// Of copies, so that mail does not wait for the disk; 0 for as fast as it goes.
        public var compactionOctetsPerSecondMax = 50_000_000

        public init() {}
    }
}

/// What a store does by itself while a server serves it: it watches the disk, erases what was kept long enough, and gives
/// space back. All of it in small steps that wait for mail.
public actor Upkeep {
    private static let lookSeconds: Int64 = 1
    private static let purgeSeconds: Int64 = 600

    private let store: MessageStore
    private let options: MessageStore.UpkeepOptions
    private let pool = BlockingPool(name: "store-upkeep", threads: 1, queueMax: 16)
    private let log = Log.logger("store")
    private var tasks: [Task<Void, Never>] = []

    public init(store: MessageStore, options: MessageStore.UpkeepOptions) {
        self.store = store
        self.options = options
    }

    public func start() {
        guard tasks.isEmpty else { return }
        tasks = [
            Task { await watchDisk() },
            Task { await work() },
        ]
    }

    /// Returns when nothing is at work any more.
    public func stop() async {
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        pool.stop()
    }

    /// Once through all of it, now. For tests and for the administrator.
    public func runOnce() async throws {
        let now = Clock.now()
        try await store.clearRemovedAccounts()
        try await store.purgeKept(retentionDays: options.retentionDays, now: now)
        try await store.purgeEvents(keepDays: options.traceDays, now: now)
        try await store.purgeFinished(before: now - Int64(options.finishedDays) * 86_400, now: now)
        LostFiles(store: store).eraseOld(now: now)
        try await giveSpaceBack(percent: options.compactionPercent)
    }

    private func giveSpaceBack(percent: Int) async throws {
        try await store.clearRetired(now: Clock.now())
        try await store.compact(
            percent: percent, pool: pool, octetsPerSecondMax: options.compactionOctetsPerSecondMax)
        try await store.clearRetired(now: Clock.now())
    }

    private func watchDisk() async {
        while !Task.isCancelled {
            _ = try? await store.files.run { [disk = store.disk] in disk.look() }
            guard (try? await Task.sleep(for: .seconds(Self.lookSeconds))) != nil else { return }
        }
    }

    private func work() async {
        var elapsed: Int64 = 0
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: .seconds(Self.lookSeconds * 10))) != nil else { return }
            elapsed += Self.lookSeconds * 10
            do {
                if store.disk.isNearReserve { try await relieve() }
                guard elapsed >= Self.purgeSeconds else { continue }
                elapsed = 0
                try await runOnce()
            } catch is CancellationError {
                return
            } catch {
                log.error("upkeep of the store failed", metadata: ["error": "\(StoreError(error).diagnostic)"])
            }
        }
    }

    /// The disk gets full: kept mail goes, and segments are compacted that would else not be worth it.
    private func relieve() async throws {
        let store = store
        let erased = try await store.purgeKept(
            retentionDays: options.retentionDays, now: Clock.now(), isPressed: true,
            isRelieved: { !store.disk.isNearReserve })
        if erased > 0 {
            log.warning("expunged mail was erased early, since the disk gets full", metadata: ["messages": "\(erased)"])
        }
        try await giveSpaceBack(percent: 10)
    }
}
