public import MailCore
internal import Synchronization

/// Tells sessions after COMMIT that something is new for them. They then read what it is.
public final class ChangeHub: Sendable {
    /// Ends when it is dropped or cancelled.
    public final class Subscription: Sendable {
        private let end: @Sendable () -> Void
        private let isOver = Atomic<Bool>(false)

        init(_ end: @escaping @Sendable () -> Void) { self.end = end }

        deinit { cancel() }

        public func cancel() {
            if isOver.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged { end() }
        }
    }

    /// What happens to an account as a whole.
    public enum AccountChange: Sendable {
        /// Mailboxes were made, removed or renamed, or a subscription changed.
        case names
        /// Notes were set or removed; nil: on the account itself.
        case annotations(MailboxID?, [String])
    }

    private struct State {
        var next = 0
        var accounts: [AccountID: [Int: @Sendable (AccountChange) -> Void]] = [:]
        var mailboxes: [MailboxID: [Int: @Sendable (ModSeq, [MessageSummary]) -> Void]] = [:]
        var queue: [Int: @Sendable () -> Void] = [:]
        var quota: [Int: @Sendable (AccountID) -> Void] = [:]
    }

    private let state = Mutex(State())

    init() {}

    /// - Parameter notify: called on the writer's thread after each commit that changed the mailbox, with its
    ///   mod-sequence; must only wake somebody.
    public func subscribe(to mailbox: MailboxID, _ notify: @escaping @Sendable (ModSeq) -> Void) -> Subscription {
        subscribe(withRemovalsOf: mailbox) { modSeq, _ in notify(modSeq) }
    }

    /// As `subscribe(to:_:)`, and told what left the mailbox by the commit: who still shows it can read it by what is said
    /// here, since its message stays until it is purged.
    public func subscribe(
        withRemovalsOf mailbox: MailboxID, _ notify: @escaping @Sendable (ModSeq, [MessageSummary]) -> Void
    ) -> Subscription {
        let number = state.withLock { state in
            state.next += 1
            state.mailboxes[mailbox, default: [:]][state.next] = notify
            return state.next
        }
        return Subscription { [weak self] in
            self?.state.withLock { state in
                state.mailboxes[mailbox]?[number] = nil
                if state.mailboxes[mailbox]?.isEmpty == true { state.mailboxes[mailbox] = nil }
            }
        }
    }

    /// - Parameter notify: called on the writer's thread after each commit that did one of these to the account; must
    ///   only wake somebody.
    public func subscribe(
        toAccount account: AccountID, _ notify: @escaping @Sendable (AccountChange) -> Void
    ) -> Subscription {
        let number = state.withLock { state in
            state.next += 1
            state.accounts[account, default: [:]][state.next] = notify
            return state.next
        }
        return Subscription { [weak self] in
            self?.state.withLock { state in
                state.accounts[account]?[number] = nil
                if state.accounts[account]?.isEmpty == true { state.accounts[account] = nil }
            }
        }
    }

    /// - Parameter notify: called on the writer's thread after each commit that added to the queue or made something due.
    public func subscribeToQueue(_ notify: @escaping @Sendable () -> Void) -> Subscription {
        let number = state.withLock { state in
            state.next += 1
            state.queue[state.next] = notify
            return state.next
        }
        return Subscription { [weak self] in
            self?.state.withLock { $0.queue[number] = nil }
        }
    }

    /// - Parameter notify: called on the writer's thread after each commit by which an account reached a threshold of its
    ///   quota.
    public func subscribeToQuota(_ notify: @escaping @Sendable (AccountID) -> Void) -> Subscription {
        let number = state.withLock { state in
            state.next += 1
            state.quota[state.next] = notify
            return state.next
        }
        return Subscription { [weak self] in
            self?.state.withLock { $0.quota[number] = nil }
        }
    }

    func changed(_ mailbox: MailboxID, _ modSeq: ModSeq, removed: [MessageSummary] = []) {
        guard let all = state.withLock({ $0.mailboxes[mailbox] }) else { return }
        for notify in all.values { notify(modSeq, removed) }
    }

    func changed(_ account: AccountID, _ change: AccountChange) {
        guard let all = state.withLock({ $0.accounts[account] }) else { return }
        for notify in all.values { notify(change) }
    }

    /// For what nobody knows of whom it concerns.
    func changedForAll(_ change: AccountChange) {
        for notify in state.withLock({ $0.accounts.values.flatMap(\.values) }) { notify(change) }
    }

    func quotaReached(_ account: AccountID) {
        for notify in state.withLock({ $0.quota }).values { notify(account) }
    }

    func queueChanged() {
        for notify in state.withLock({ $0.queue }).values { notify() }
    }
}
