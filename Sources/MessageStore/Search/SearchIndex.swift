internal import Execution
internal import Glibc
internal import Logging
public import MailCore
internal import Observation
internal import SQLite
internal import Synchronization

/// The full-text index of all accounts: a file each in `search/`, filled in the background.
///
/// Derived data: whatever happens to a file, searches go on without it, and it is made anew.
public final class SearchIndex: Sendable {
    private struct State {
        var pool: BlockingPool?
        var filler: FillerTask?
        /// Whose mail a file must be of.
        var identities: [AccountID: String] = [:]
    }

    /// Searches that ask the index at one time; more wait.
    static let threads = 2

    private let state = Mutex(State())
    let files: OpenIndexes
    let mail: IndexedMail
    private let disk: DiskSpace
    private let log = Log.logger("search")

    init(directory: String, database: Database, readers: SegmentReaders, disk: DiskSpace) {
        self.disk = disk
        files = OpenIndexes(directory: StorePaths(directory: directory).search)
        mail = IndexedMail(database: database, readers: readers)
    }

    /// Begins to keep the index up with the mail, and to answer. Before that, and after `stop`, nothing is answered.
    public func start() {
        mkdir(files.directory, 0o700)
        state.withLock { state in
            guard state.pool == nil else { return }
            state.pool = BlockingPool(name: "search", threads: Self.threads, queueMax: 4_096)
            state.filler = FillerTask(Filler(files: files, mail: mail, disk: disk))
        }
    }

    /// Ends what is under way; the next start goes on from there.
    public func stop() async {
        let (filler, pool) = state.withLock { state in
            defer {
                state.filler = nil
                state.pool = nil
            }
            return (state.filler, state.pool)
        }
        await filler?.stop()
        pool?.stop()
        files.closeIdle(all: true)
    }

    /// Returns when all mail that is there now is indexed. For tests and measurements.
    public func catchUp() async {
        await state.withLock { $0.filler }?.catchUp()
    }

    /// What the index of an account tells of a needle; nil without an index, or when it cannot tell anything.
    ///
    /// Never fails: a file that cannot be read is logged and made anew.
    public func answer(_ needle: Needle, in scope: SearchScope, of account: AccountID) async -> IndexAnswer? {
        guard let question = IndexQuestion(needle) else { return nil }
        return await ask(account) { try $0.answer(question, in: scope) }
    }

    private func ask<Answer: Sendable>(
        _ account: AccountID, _ body: @escaping @Sendable (IndexFile) throws -> Answer
    ) async -> Answer? {
        guard let pool = state.withLock({ $0.pool }), let identity = await identity(of: account) else { return nil }
        let answer = try? await pool.run { [self] in
            do {
                return try files.with(account.rawValue, identity: identity, body)
            } catch {
                failed(account, error)
                return nil
            }
        }
        return answer ?? nil
    }

    private func failed(_ account: AccountID, _ error: any Error) {
        guard IndexDamage.isIn(error) else { return }
        log.error(
            "a search file cannot be read and is made anew",
            metadata: ["account": "\(account.rawValue)", "error": "\(IndexDamage.detail(of: error))"])
        wake()
    }

    var isKeptUp: Bool { state.withLock { $0.filler != nil } }

    /// Has the index looked after soon; false when it is not kept up.
    @discardableResult
    func wake() -> Bool {
        guard let filler = state.withLock({ $0.filler }) else { return false }
        filler.wake()
        return true
    }

    func identity(of account: AccountID) async -> String? {
        if let known = state.withLock({ $0.identities[account] }) { return known }
        guard let identity = try? await mail.identity(of: account.rawValue) else { return nil }
        state.withLock { $0.identities[account] = identity }
        return identity
    }
}
