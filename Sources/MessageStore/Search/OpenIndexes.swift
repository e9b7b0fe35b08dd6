internal import Glibc
internal import SQLite
internal import Synchronization

/// The search files that are open for reading: lent to one search at a time, and kept open for a while.
final class OpenIndexes: Sendable {
    private struct Idle {
        var account: Int64
        var file: IndexFile
        var since: ContinuousClock.Instant
    }

    private struct State {
        /// The one used last at the end.
        var idle: [Idle] = []
        /// How many files of an account are lent.
        var lent: [Int64: Int] = [:]
        /// Files of these accounts are not given out: they are to be removed.
        var withheld: Set<Int64> = []
        /// Nor are these, which are being opened by who writes them and may be half made.
        var inMaking: Set<Int64> = []
        /// How many files of an account were removed.
        var removed: [Int64: Int] = [:]
        /// A search found no file of these.
        var missed: Set<Int64> = []

        mutating func takeIdle(_ account: Int64) -> [IndexFile] {
            let own = idle.filter { $0.account == account }
            idle.removeAll { $0.account == account }
            return own.map(\.file)
        }
    }

    /// Files that may be open and not lent.
    static let idleMax = 64
    static let idleTime = Duration.seconds(60)

    let directory: String
    private let state = Mutex(State())

    init(directory: String) { self.directory = directory }

    func path(of account: Int64) -> String { "\(directory)/\(account).db" }

    /// Runs `body` with the file of an account; nil when there is none, or none to be read now. Blocks.
    ///
    /// A file that turns out to be damaged is withheld.
    func with<Outcome>(_ account: Int64, identity: String, _ body: (IndexFile) throws -> Outcome) throws -> Outcome? {
        let loan = borrow(account)
        guard loan.isLent else { return nil }
        var kept: IndexFile?
        defer { putBack(kept, account) }
        do {
            guard let file = try place(loan.file, account, identity) else { return nil }
            do {
                let outcome = try body(file)
                kept = file
                return outcome
            } catch {
                file.close()
                throw error
            }
        } catch {
            if IndexDamage.isIn(error) { withhold(account, ifRemoved: loan.removed) }
            throw error
        }
    }

    private func place(_ known: IndexFile?, _ account: Int64, _ identity: String) throws -> IndexFile? {
        if let known, known.isInPlace { return known }
        known?.close()
        guard access(path(of: account), F_OK) == 0 else {
            state.withLock { _ = $0.missed.insert(account) }
            return nil
        }
        return try IndexFile(path: path(of: account), isReader: true, identity: identity)
    }

    private func borrow(_ account: Int64) -> (isLent: Bool, file: IndexFile?, removed: Int) {
        state.withLock { state in
            let removed = state.removed[account] ?? 0
            guard !state.withheld.contains(account), !state.inMaking.contains(account) else {
                return (false, nil, removed)
            }
            state.lent[account, default: 0] += 1
            guard let index = state.idle.lastIndex(where: { $0.account == account }) else {
                return (true, nil, removed)
            }
            return (true, state.idle.remove(at: index).file, removed)
        }
    }

    private func putBack(_ file: IndexFile?, _ account: Int64) {
        let closing = state.withLock { state -> IndexFile? in
            let left = (state.lent[account] ?? 1) - 1
            state.lent[account] = left > 0 ? left : nil
            guard let file, !state.withheld.contains(account), !state.inMaking.contains(account) else { return file }
            state.idle.append(Idle(account: account, file: file, since: .now))
            return state.idle.count > Self.idleMax ? state.idle.removeFirst().file : nil
        }
        closing?.close()
    }

    /// The accounts of which a search found no file since this was asked last.
    func takeMissed() -> Set<Int64> {
        state.withLock { state in
            defer { state.missed = [] }
            return state.missed
        }
    }

    /// Closes what was not used for a while, or all.
    func closeIdle(all: Bool = false) {
        let closing = state.withLock { state -> [IndexFile] in
            let due = ContinuousClock.now - Self.idleTime
            let old = state.idle.filter { all || $0.since < due }
            state.idle.removeAll { all || $0.since < due }
            return old.map(\.file)
        }
        for file in closing { file.close() }
    }

    /// From now on no file of the account is given out.
    ///
    /// - Parameter removed: does nothing when another number of its files was removed by now: who found one damaged may
    ///   come late.
    func withhold(_ account: Int64, ifRemoved removed: Int? = nil) {
        let closing = state.withLock { state -> [IndexFile] in
            if let removed, removed != state.removed[account] ?? 0 { return [] }
            state.withheld.insert(account)
            return state.takeIdle(account)
        }
        for file in closing { file.close() }
    }

    /// Runs `body`, which may make the file of an account, while nobody is given it.
    func making<Outcome>(_ account: Int64, _ body: () throws -> Outcome) rethrows -> Outcome {
        let closing = state.withLock { state in
            state.inMaking.insert(account)
            return state.takeIdle(account)
        }
        for file in closing { file.close() }
        defer { state.withLock { _ = $0.inMaking.remove(account) } }
        return try body()
    }

    func giveOut(_ account: Int64) { state.withLock { _ = $0.withheld.remove(account) } }

    func isWithheld(_ account: Int64) -> Bool { state.withLock { $0.withheld.contains(account) } }

    /// Removes the file of an account that is withheld, unless a search still has it.
    func remove(_ account: Int64) -> Bool {
        guard state.withLock({ $0.lent[account] == nil && $0.withheld.contains(account) }) else { return false }
        DerivedFile.remove(path(of: account))
        state.withLock { $0.removed[account, default: 0] += 1 }
        return true
    }

    /// Removes all files, before the first is given out.
    func removeAll() {
        for account in accounts() { DerivedFile.remove(path(of: account)) }
    }

    /// The accounts that have a file.
    func accounts() -> [Int64] {
        guard let folder = opendir(directory) else { return [] }
        defer { closedir(folder) }
        var accounts: [Int64] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".db"), let account = Int64(name.dropLast(3)) { accounts.append(account) }
        }
        return accounts
    }
}
