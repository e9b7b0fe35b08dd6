internal import CSQLite
internal import Execution
internal import Logging
internal import Observation
internal import Synchronization

/// The one thread that writes: takes what waits, syncs the files beside, one transaction, one COMMIT, then the answers.
///
/// `@unchecked Sendable`: everything mutable is touched on its own thread alone, but for the mutex and the atomics.
final class Writer: @unchecked Sendable {
    static let commits = Counter("postino_store_commits_total", help: "Transactions committed to the store.")
    static let requests = Counter("postino_store_requests_total", help: "Write requests committed to the store.")

    let connection: Connection
    private let queue: WriteQueue
    private let transaction: WriteTransaction
    private let checkpoints: Checkpoints
    private let participants = Mutex<[any GroupParticipant]>([])
    private var poison: DatabaseError?
    /// Groups to come whose requests are isolated from the start.
    private var groupsToIsolate = 0
    private static let isolatedGroups = 64
    private let log = Log.logger("store")
    let ended = Semaphore()

    init(_ connection: Connection, _ queue: WriteQueue, _ checkpoints: Checkpoints) {
        self.connection = connection
        self.queue = queue
        self.checkpoints = checkpoints
        transaction = WriteTransaction(connection)
    }

    func register(_ participant: any GroupParticipant) {
        participants.withLock { $0.append(participant) }
    }

    func serve() {
        while true {
            switch queue.take() {
            case .between(let work):
                for each in work { each(self) }
            case .group(let group):
                perform(group)
                checkpoints.grew(to: connection, isPoisoned: poison != nil)
            case .stopped:
                participants.withLock { $0 = [] }
                connection.close()
                ended.signal()
                return
            }
        }
    }

    private func perform(_ group: [WriteRequest]) {
        let participants = self.participants.withLock { $0 }
        do {
            if let poison { throw poison }
            prepare(group)
            let live = group.filter { $0.failure == nil }
            if !live.isEmpty {
                try flush(participants)
                try commit(live, participants)
            }
        } catch {
            for request in group where request.failure == nil { request.failure = error }
            _ = transaction.takeAfterCommitActions()
        }
        for action in transaction.takeAfterCommitActions() { action() }
        for request in group { request.finish(request.failure.map { .failure($0) } ?? .success(())) }
    }

    private func prepare(_ group: [WriteRequest]) {
        for request in group {
            guard let prepare = request.prepare else { continue }
            do { try prepare() } catch { request.failure = error }
        }
    }

    private func flush(_ participants: [any GroupParticipant]) throws {
        for participant in participants {
            do { try participant.flush() } catch { throw poisoned("flush", "\(error)") }
        }
    }

    private func commit(_ group: [WriteRequest], _ participants: [any GroupParticipant]) throws {
        // A savepoint saves each page that its request changes. Nearly all requests succeed: they go without at first.
        let isFirstTry = group.count > 1 && groupsToIsolate == 0
        do {
            try attempt(group, participants, isolates: !isFirstTry && group.count > 1)
        } catch is Lone {
            // Most of a group were undone for the sake of one: who fails now may go on failing.
            groupsToIsolate = Self.isolatedGroups
            try attempt(group, participants, isolates: true)
        }
        groupsToIsolate = max(0, groupsToIsolate - 1)
        for participant in participants { participant.committed() }
        Self.commits.increment()
        Self.requests.increment(by: group.count)
    }

    /// One transaction. Throws `Lone`, with nothing done, when a request failed alone and none was isolated.
    private func attempt(
        _ group: [WriteRequest], _ participants: [any GroupParticipant], isolates: Bool
    ) throws {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            for participant in participants { try participant.record(in: transaction) }
            for request in group { if isolates { try isolate(request) } else { try perform(request, of: group) } }
            try connection.execute("COMMIT")
        } catch {
            transaction.dropAfterCommitActions(downTo: 0)
            throw undone(after: error)
        }
    }

    /// A request failed by itself, not by the disk.
    private struct Lone: Error {}

    private func perform(_ request: WriteRequest, of group: [WriteRequest]) throws {
        do {
            try request.perform(transaction)
        } catch {
            guard connection.isInTransaction, !Self.isOfTheDisk(error) else { throw error }
            // Alone in its group there is nobody to save from it.
            if group.count == 1 { throw error }
            throw Lone()
        }
    }

    /// Runs a request in a savepoint: when it fails, it alone is undone. Throws when the whole transaction is lost.
    private func isolate(_ request: WriteRequest) throws {
        let actions = transaction.afterCommitActions.count
        try connection.execute("SAVEPOINT request")
        do {
            try request.perform(transaction)
            try connection.execute("RELEASE request")
        } catch {
            transaction.dropAfterCommitActions(downTo: actions)
            // A full disk, a failing one or want of memory can end the transaction under us: then the group fails.
            guard connection.isInTransaction, !Self.isOfTheDisk(error) else { throw error }
            try connection.execute("ROLLBACK TO request")
            try connection.execute("RELEASE request")
            request.failure = error
        }
    }

    private static func isOfTheDisk(_ error: any Error) -> Bool {
        switch error as? DatabaseError {
        case .storage, .diskFull: true
        default: false
        }
    }

    /// Rolls back, and decides whether anything may be written after this error.
    ///
    /// A write that found no space left nothing in doubt: the pages never became part of the WAL, SQLite took the
    /// transaction back, and the next one overwrites them. Any other failure, above all of a sync, is final: what the
    /// disk has is unknown until the next start reads it (nothing may be retried on the same file).
    private func undone(after error: any Error) -> any Error {
        if connection.isInTransaction {
            do { try connection.execute("ROLLBACK") } catch { return poisoned("rollback", "\(error)") }
        }
        switch error as? DatabaseError {
        case .storage(let operation, let detail): return poisoned(operation, detail)
        case .diskFull(let operation):
            log.error("no space left on the disk", metadata: ["operation": "\(operation)"])
            return error
        default: return error
        }
    }

    private func poisoned(_ operation: String, _ detail: String) -> DatabaseError {
        let error = DatabaseError.storage(operation: operation, detail: detail)
        poison = error
        log.critical(
            "the store takes nothing more until it is started again",
            metadata: ["operation": "\(operation)", "detail": "\(detail)"])
        return error
    }
}
