import MailCore
import Synchronization

/// The exclusive locks of maildrops (RFC 1939 §4): one POP3 session an account, in this process.
///
/// Delivery and IMAP do not ask for them: mail may arrive, and IMAP may read and change, while a lock is held.
public final class MaildropLocks: Sendable {
    /// One session's hold of a maildrop, or its wait for it. Ends when it is dropped.
    final class Claim: Sendable {
        fileprivate let number: UInt64
        fileprivate let isOver = Atomic<Bool>(false)
        private let account: AccountID
        private let locks: MaildropLocks

        fileprivate init(_ number: UInt64, _ account: AccountID, _ locks: MaildropLocks) {
            self.number = number
            self.account = account
            self.locks = locks
        }

        deinit { end() }

        /// Takes the lock, after those who waited before. Once.
        ///
        /// - Returns: false when it was not free in time, or when the claim was ended meanwhile.
        func take() async -> Bool { await locks.take(account, self) }

        /// Frees the lock, or ends the wait for it. From anywhere, at any time, as often as you like.
        func end() {
            if isOver.exchange(true, ordering: .acquiringAndReleasing) { return }
            locks.end(account, number)
        }
    }

    private struct Entry {
        var holder: UInt64
        var waiters: [(number: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    /// How long a second login waits: a client that was cut off and comes again finds its old session closed by then.
    public static let waitSeconds = 5

    /// When each account was last logged in to, in seconds; kept only where a delay is wanted.
    private let lastLogins = Mutex<[AccountID: Int64]>([:])
    static let lastLoginsMax = 65_536

    /// RFC 2449 §6.5: whether enough time has passed since the last login that this allowed.
    func mayLogIn(_ account: AccountID, now: Int64, delaySeconds: Int) -> Bool {
        guard delaySeconds > 0 else { return true }
        return lastLogins.withLock { lastLogins in
            if let last = lastLogins[account], now >= last, now < last + Int64(delaySeconds) { return false }
            if lastLogins.count >= Self.lastLoginsMax {
                lastLogins = lastLogins.filter { now >= $0.value && now < $0.value + Int64(delaySeconds) }
                if lastLogins.count >= Self.lastLoginsMax { lastLogins = [:] }
            }
            lastLogins[account] = now
            return true
        }
    }

    private let entries = Mutex<[AccountID: Entry]>([:])
    private let next = Atomic<UInt64>(0)
    private let timeLimit: @Sendable () async -> Void

    /// - Parameter timeLimit: returns when a wait is over, or when its task is cancelled.
    public init(timeLimit: @escaping @Sendable () async -> Void = MaildropLocks.sleep) { self.timeLimit = timeLimit }

    /// Sleeps for `waitSeconds`, without a thread.
    public static let sleep: @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(waitSeconds)) }

    func claim(_ account: AccountID) -> Claim {
        Claim(next.wrappingAdd(1, ordering: .relaxed).newValue, account, self)
    }

    /// How many wait for that maildrop.
    func waiting(for account: AccountID) -> Int { entries.withLock { $0[account]?.waiters.count ?? 0 } }

    func isHeld(_ account: AccountID) -> Bool { entries.withLock { $0[account] != nil } }

    private func take(_ account: AccountID, _ claim: Claim) async -> Bool {
        if let atOnce = takeAtOnce(account, claim) { return atOnce }
        let number = claim.number
        let timer = Task { [self] in
            await timeLimit()
            giveUp(account, number)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let outcome: Bool? = entries.withLock { entries in
                if claim.isOver.load(ordering: .acquiring) { return false }
                guard entries[account] != nil else {
                    entries[account] = Entry(holder: number)
                    return true
                }
                entries[account]?.waiters.append((number, continuation))
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }

    /// Nil when another has it.
    private func takeAtOnce(_ account: AccountID, _ claim: Claim) -> Bool? {
        entries.withLock { entries in
            if claim.isOver.load(ordering: .acquiring) { return false }
            guard entries[account] == nil else { return nil }
            entries[account] = Entry(holder: claim.number)
            return true
        }
    }

    private func end(_ account: AccountID, _ number: UInt64) {
        let successor: CheckedContinuation<Bool, Never>? = entries.withLock { entries in
            guard entries[account]?.holder == number else { return nil }
            guard entries[account]?.waiters.isEmpty == false, let first = entries[account]?.waiters.removeFirst() else {
                entries[account] = nil
                return nil
            }
            entries[account]?.holder = first.number
            return first.continuation
        }
        successor?.resume(returning: true)
        giveUp(account, number)
    }

    /// Ends a wait, if it is still one.
    private func giveUp(_ account: AccountID, _ number: UInt64) {
        let waiter: CheckedContinuation<Bool, Never>? = entries.withLock { entries in
            guard let place = entries[account]?.waiters.firstIndex(where: { $0.number == number }) else { return nil }
            return entries[account]?.waiters.remove(at: place).continuation
        }
        waiter?.resume(returning: false)
    }
}
