internal import CSQLite
public import Execution
internal import Glibc

/// One database file: its one writer with group commit, its readers, its checkpoints.
///
/// No other code of the process opens or closes the file (see `RawFile`), and no other process has it open meanwhile.
/// Must be closed by `close()`: its threads keep it alive.
public final class Database: Sendable {
    public let options: Options
    private let raw: Int32
    private let queue: WriteQueue
    private let writer: Writer
    private let readers: Readers
    private let checkpoints: Checkpoints
    private let files = BlockingPool(name: "store-copy", threads: 1, queueMax: 16)

    /// Opens the file, made when it is missing, and recovers what its WAL holds.
    ///
    /// - Throws: `newerVersion`, `notOurs`, `busy` when another process holds it, `storage`.
    public init(options: Options) throws(DatabaseError) {
        self.options = options
        raw = try RawFile.descriptor(of: options.path)
        let cache = options.cacheOctetsMax
        let readerCount = max(1, options.readers)
        var opened: [Connection] = []
        do {
            let writing = try Connection(options, isReader: false, cacheOctets: cache / 3)
            opened.append(writing)
            try SchemaChapter.prepare(
                options.chapters, applicationID: options.applicationID, path: options.path,
                converts: options.convertsOlder, writing)
            let checkpointing = try Connection(options, isReader: false, cacheOctets: 1 << 20)
            opened.append(checkpointing)
            var reading: [Connection] = []
            for _ in 0..<readerCount {
                reading.append(
                    try Connection(options, isReader: true, cacheOctets: cache * 2 / 3 / readerCount))
                opened.append(reading[reading.count - 1])
            }
            queue = WriteQueue(options)
            checkpoints = Checkpoints(checkpointing, octets: options.checkpointOctets)
            checkpoints.watch(writing)
            writer = Writer(writing, queue, checkpoints)
            readers = Readers(reading, queueMax: options.readsWaitingMax)
        } catch {
            for connection in opened { connection.close() }
            files.stop()
            throw error as? DatabaseError ?? .storage(operation: "open \(options.path)", detail: "\(error)")
        }
        Thread.start(name: "store-write") { [writer] in writer.serve() }
    }

    /// Adds who must sync files before each transaction. Before the first write that concerns it.
    public func register(_ participant: any GroupParticipant) {
        writer.register(participant)
    }

    /// Requests that wait for the writer now.
    public var waitingRequests: Int { queue.count }

    /// Reads in one snapshot: what was committed when it began, whatever is written meanwhile.
    ///
    /// - Parameter body: at most 20 ms of work, on a reader's thread; longer listings come in pages, one read each.
    /// - Throws: `busy` before anything was done; what `body` throws.
    public func read<Outcome: Sendable>(
        priority: BlockingPool.Priority = .interactive, _ body: @escaping @Sendable (ReadConnection) throws -> Outcome
    ) async throws -> Outcome {
        do {
            return try await readers.pool.run(priority: priority) { [readers] in try readers.read(body) }
        } catch is BlockingPool.Full {
            throw DatabaseError.busy
        }
    }

    /// Writes: on disk when it returns (`PRAGMA synchronous = FULL`), undone whole when it throws.
    ///
    /// - Parameters:
    ///   - octets: what the request holds in memory, for the queue's bound.
    ///   - prepare: runs on the writer's thread before the group's flush and transaction (appends to files).
    ///   - body: runs in the group's transaction; twice when another request of the group failed the first time. It
    ///     changes nothing but the database. No waiting in it.
    /// - Throws: `busy` and `closed` before anything was done; `diskFull`; `storage` when the writer takes nothing more;
    ///   what `prepare` or `body` throws.
    @discardableResult
    public func write<Outcome: Sendable>(
        priority: BlockingPool.Priority = .interactive, octets: Int = 0, prepare: (@Sendable () throws -> Void)? = nil,
        _ body: @escaping @Sendable (WriteTransaction) throws -> Outcome
    ) async throws -> Outcome {
        let box = Box<Outcome>()
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            submit(priority, octets, prepare, box, body) { continuation.resume(with: $0) }
        }
        guard let outcome = box.content else { throw DatabaseError.closed }
        return outcome
    }

    /// `write` for start-up and tools: blocks the calling thread. Never on an event loop.
    @discardableResult
    public func writeBlocking<Outcome: Sendable>(
        prepare: (@Sendable () throws -> Void)? = nil, _ body: @escaping @Sendable (WriteTransaction) throws -> Outcome
    ) throws -> Outcome {
        let box = Box<Outcome>()
        let result = Box<Result<Void, any Error>>()
        let done = Semaphore()
        submit(.interactive, 0, prepare, box, body) {
            result.content = $0
            done.signal()
        }
        done.wait()
        try result.content?.get()
        guard let outcome = box.content else { throw DatabaseError.closed }
        return outcome
    }

    /// `read` for start-up and tools: blocks the calling thread.
    public func readBlocking<Outcome: Sendable>(_ body: (ReadConnection) throws -> Outcome) throws -> Outcome {
        try readers.read(body)
    }

    private func submit<Outcome: Sendable>(
        _ priority: BlockingPool.Priority, _ octets: Int, _ prepare: (@Sendable () throws -> Void)?,
        _ box: Box<Outcome>, _ body: @escaping @Sendable (WriteTransaction) throws -> Outcome,
        _ finish: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
        let request = WriteRequest(
            octets: octets, prepare: prepare, perform: { box.content = try body($0) }, finish: finish)
        do throws(DatabaseError) {
            try queue.add(request, isBulk: priority == .bulk)
        } catch {
            finish(.failure(error))
        }
    }

    /// Copies the file, consistent as of now, to a new file, and syncs that. Writing goes on meanwhile into the WAL.
    ///
    /// In WAL mode only checkpoints change the database file: one is finished, then none runs until the copy is done.
    ///
    /// - Parameters:
    ///   - path: must not exist.
    ///   - octetsPerSecondMax: so that mail does not wait for the disk; 0 for as fast as it goes.
    ///   - whenFrozen: runs on the writer's thread between two groups at the very state that the copy will hold.
    public func copy(
        to path: String, octetsPerSecondMax: Int = 50_000_000, whenFrozen: (@Sendable () -> Void)? = nil
    ) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            do {
                try queue.addBetween { [checkpoints] writer in
                    continuation.resume(
                        with: Result {
                            try checkpoints.freeze(writer.connection)
                            whenFrozen?()
                        })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        defer { checkpoints.unfreeze() }
        try await files.run(priority: .bulk) { [raw] in
            try RawFile.copy(raw, to: path, octetsPerSecondMax: octetsPerSecondMax)
        }
    }

    /// Moves everything from the WAL into the database file, as far as readers allow.
    public func checkpoint() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            do {
                try queue.addBetween { [checkpoints] writer in
                    continuation.resume(
                        with: Result {
                            try checkpoints.freeze(writer.connection)
                            checkpoints.unfreeze()
                        })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// SQLite's own check of the whole file; empty when all is well.
    ///
    /// - Parameter isQuick: leaves out the comparison of indexes with their tables.
    public func integrityCheck(isQuick: Bool = false) async throws -> [String] {
        try await read(priority: .bulk) { connection in
            let lines =
                isQuick
                ? try connection.all("PRAGMA quick_check(100)") { $0.text(0) }
                : try connection.all("PRAGMA integrity_check(100)") { $0.text(0) }
            return lines == ["ok"] ? [] : lines
        }
    }

    /// Does what waits, then closes everything. The WAL stays as it is; the next opening reads it.
    public func close() async {
        queue.stop()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            readers.close { continuation.resume() }
        }
        _ = try? await files.run { [writer] in writer.ended.wait() }
        files.stop()
        checkpoints.close()
    }
}
