internal import Logging
internal import NIOCore
internal import Observation
internal import SQLite

/// Keeps search files up with the mail: looks which accounts have new mail, and indexes it in batches.
///
/// Held by one task, which alone writes, makes and removes search files.
struct Filler {
    /// What is known of an account's file.
    struct Known {
        /// Nil when it is to be found out.
        var indexedThrough: Int64?
        var documents = 0
        /// The newest message at the last look.
        var seenThrough: Int64?
        /// When mail was first seen that is not indexed yet.
        var waitsSince: ContinuousClock.Instant?
        /// The account's messages and kept octets when it was looked for dead ones.
        var looked: (messages: Int, keptOctets: Int64)?
        /// The account's rows, kept ones included, when the dead were counted one by one.
        var rowsCounted: Int?
        /// When it was made anew, and how often in a row.
        var remadeAt: ContinuousClock.Instant?
        var remakes = 0
        /// Nothing is tried before this.
        var retryAt: ContinuousClock.Instant?
    }

    static let indexed = Counter("postino_search_indexed_total", help: "Messages taken into the search index.")
    static let remade = Counter("postino_search_remade_total", help: "Search files that were made anew.")

    /// So much new mail of an account is worth a batch; less of it waits, and is read by searches meanwhile.
    static let worthwhile = 32
    static let waitMax = Duration.seconds(300)
    /// While more mail comes in, indexing waits so long or for so many: the machine is busy with the mail itself, and
    /// large batches cost less.
    static let burstMax = Duration.seconds(30)
    static let burstMessages = 4_096
    /// Of one account in a round, so that a large one does not keep the others waiting.
    static let turnMax = Duration.seconds(2)
    /// Between batches: what the disk and the readers are asked for by others goes first.
    static let pause = Duration.milliseconds(5)
    static let failurePause = Duration.seconds(60)
    /// A file that was good for so long is made anew at once when it goes bad.
    static let goodTime = Duration.seconds(86_400)

    let files: OpenIndexes
    let mail: IndexedMail
    /// What is left when it gets full is for mail.
    private let disk: DiskSpace
    var known: [Int64: Known] = [:]
    private var isFirst = true
    let log = Log.logger("search")

    init(files: OpenIndexes, mail: IndexedMail, disk: DiskSpace) {
        self.files = files
        self.mail = mail
        self.disk = disk
    }

    /// Looks at all accounts once, and again at those of which there is more; what fails is tried again in a later round.
    ///
    /// - Parameter isUrgent: indexes however little waits.
    mutating func round(isUrgent: Bool, isStopped: @Sendable () -> Bool) async {
        files.closeIdle()
        guard let accounts = try? await mail.accounts() else { return }
        removeOthers(than: accounts)
        for account in files.takeMissed() { known[account]?.indexedThrough = nil }
        var due = accounts
        while !due.isEmpty {
            var unfinished: [IndexedMail.Account] = []
            for account in due {
                if isStopped() { return }
                if await !attend(to: account, isUrgent: isUrgent, isStopped: isStopped) { unfinished.append(account) }
            }
            due = unfinished
        }
    }

    /// Files of accounts that are no more go; of those that a search has still, in a later round.
    private mutating func removeOthers(than accounts: [IndexedMail.Account]) {
        let present = Set(accounts.map(\.id))
        let all = isFirst ? files.accounts() : Array(known.keys)
        isFirst = false
        for account in all where !present.contains(account) {
            files.withhold(account)
            if files.remove(account) {
                files.giveOut(account)
                known[account] = nil
            } else {
                known[account] = Known()
            }
        }
    }

    /// False when there is more to do at once.
    private mutating func attend(
        to account: IndexedMail.Account, isUrgent: Bool, isStopped: @Sendable () -> Bool
    ) async -> Bool {
        if let retryAt = known[account.id]?.retryAt, retryAt > .now { return true }
        do {
            if files.isWithheld(account.id) {
                guard mayRemake(account.id) else { return true }
                try remake(account.id)
            }
            try await learn(account)
            try await weed(account)
            guard isDue(account, isUrgent), !disk.isNearReserve else { return true }
            return try await fill(account, isStopped)
        } catch {
            return !failed(account.id, error)
        }
    }

    /// A file that goes bad again and again is made anew ever more seldom.
    private func mayRemake(_ account: Int64) -> Bool {
        guard let facts = known[account], let remadeAt = facts.remadeAt, facts.remakes > 1 else { return true }
        return remadeAt.duration(to: .now) >= Self.failurePause * (1 << min(facts.remakes - 2, 10))
    }

    private mutating func isDue(_ account: IndexedMail.Account, _ isUrgent: Bool) -> Bool {
        guard let facts = known[account.id], let indexedThrough = facts.indexedThrough else { return false }
        let waiting = account.lastMessage - indexedThrough
        guard waiting > 0, facts.documents < IndexRow.documentsMax else {
            known[account.id]?.waitsSince = nil
            return false
        }
        let since = facts.waitsSince ?? .now
        known[account.id]?.waitsSince = since
        let isSettled = (facts.seenThrough ?? account.lastMessage) == account.lastMessage
        known[account.id]?.seenThrough = account.lastMessage
        let waited = since.duration(to: .now)
        if isUrgent || waited >= Self.waitMax || waiting >= Self.burstMessages { return true }
        return waiting >= Self.worthwhile && (isSettled || waited >= Self.burstMax)
    }

    /// Whether to try again at once.
    private mutating func failed(_ account: Int64, _ error: any Error) -> Bool {
        if IndexDamage.isIn(error) {
            log.error(
                "a search file is damaged or of another version, and is made anew",
                metadata: ["account": "\(account)", "error": "\(error)"])
            files.withhold(account)
            return mayRemake(account)
        }
        switch error {
        case is RemovalWaits, DatabaseError.busy, DatabaseError.closed: return false
        default: log.error("cannot index mail", metadata: ["account": "\(account)", "error": "\(error)"])
        }
        known[account, default: Known()].retryAt = .now + Self.failurePause
        return false
    }
}

/// A search has the file still.
struct RemovalWaits: Error {}
