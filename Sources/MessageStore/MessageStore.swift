public import Execution
internal import MailCore
public import SQLite
internal import Synchronization

/// All mail: which message is in which mailbox with which UID and flags, what waits in the queue, and the octets.
///
/// The index is in `mail.db`, the octets are in append-only segment files beside it, synced before the transaction that
/// names them. What a function here has returned from is on disk. Everything throws `StoreError`.
public final class MessageStore: Sendable {
    /// Sizes are octets.
    public struct Options: Sendable {
        /// The folder of segments/, incoming/ and lost/; made when missing.
        public var directory: String
        /// A shared segment is sealed when the next message would pass this. 256 MiB; 1 MiB in tests.
        public var segmentOctetsMax = 256 << 20
        /// A message above this has a segment file of its own, and should come in through a spool.
        public var inlineOctetsMax = 1 << 20
        /// Largest message that is taken.
        public var messageOctetsMax = 64 << 20
        /// So much of the open segment is written with zeros ahead, so that syncs are quick; 0 for nothing.
        public var zeroFillOctets = 8 << 20
        /// Zeros are written by the writer itself, so that a test has all calls in one order.
        var fillsInline = false
        /// Start although the index seems older than the segments; what it does not know moves to lost/.
        public var acceptOlderIndex = false
        /// With less than that free on the disk no more mail is taken, so that flags can be set and mail be deleted.
        public var reserveOctets: Int64 = 0

        public init(directory: String) { self.directory = directory }
    }

    public let options: Options
    public let hub = ChangeHub()
    /// Full-text search; answers nothing before it is started.
    public let search: SearchIndex
    let database: Database
    let cpu: BlockingPool
    let files: BlockingPool
    let layer: FileLayer
    let segments: Segments
    let disk: DiskSpace
    /// Whether any account or domain has a limit: without one nobody need be asked.
    let hasQuotas: Atomic<Bool>
    let readers: SegmentReaders
    let spoolNumber = Atomic<Int>(0)

    /// Opens the store and recovers what an ungraceful end left: blocks while it does.
    ///
    /// - Parameters:
    ///   - database: opened with `MessageStore.chapter`.
    ///   - cpu: parses and digests.
    ///   - files: reads and writes files.
    /// - Throws: `olderIndex` when the segments know more than the index (see `Options.acceptOlderIndex`).
    public convenience init(
        options: Options, database: Database, cpu: BlockingPool, files: BlockingPool
    ) throws(StoreError) {
        try self.init(options: options, database: database, cpu: cpu, files: files, layer: .system)
    }

    init(
        options: Options, database: Database, cpu: BlockingPool, files: BlockingPool, layer: FileLayer
    ) throws(StoreError) {
        self.options = options
        self.database = database
        self.cpu = cpu
        self.files = files
        self.layer = layer
        let paths = StorePaths(directory: options.directory)
        disk = DiskSpace(path: options.directory, reserveOctets: options.reserveOctets, layer: layer)
        do {
            let recovery = Recovery(paths: paths, layer: layer, database: database, options: options)
            let zeros = ZeroFill(layer: layer, pool: files, disk: disk, options: options)
            segments = Segments(
                try recovery.run(), paths: paths, layer: layer, zeros: zeros, options: options)
        } catch {
            throw StoreError(error)
        }
        readers = SegmentReaders(paths: paths, layer: layer)
        search = SearchIndex(directory: options.directory, database: database, readers: readers, disk: disk)
        do {
            hasQuotas = Atomic(try database.readBlocking { try UsageRows.haveLimits($0) })
        } catch {
            throw StoreError(error)
        }
        database.register(segments)
        // What recovery found is written now; on a full disk with the first transaction that finds room.
        do {
            try database.writeBlocking { _ in }
        } catch DatabaseError.diskFull {
        } catch {
            throw StoreError(error)
        }
    }

    /// False when the disk's reserve is reached: no more mail is taken. No call to the system.
    public var hasRoom: Bool { disk.hasRoom }

    /// Reads in one snapshot, in the store's errors.
    func read<Outcome: Sendable>(
        priority: BlockingPool.Priority = .interactive, _ body: @escaping @Sendable (ReadConnection) throws -> Outcome
    ) async throws(StoreError) -> Outcome {
        do {
            return try await database.read(priority: priority, body)
        } catch {
            throw StoreError(error)
        }
    }

    /// Writes in one transaction, in the store's errors.
    @discardableResult
    func write<Outcome: Sendable>(
        priority: BlockingPool.Priority = .interactive, octets: Int = 0, prepare: (@Sendable () throws -> Void)? = nil,
        _ body: @escaping @Sendable (WriteTransaction) throws -> Outcome
    ) async throws(StoreError) -> Outcome {
        do {
            return try await database.write(priority: priority, octets: octets, prepare: prepare, body)
        } catch {
            throw StoreError(error)
        }
    }
}
