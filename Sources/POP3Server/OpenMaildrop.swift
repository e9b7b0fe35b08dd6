import Directory
import MailCore
import MessageStore
import Synchronization

/// What a session holds from its login on: which messages it numbers, and that nobody else does.
struct OpenMaildrop {
    let claim: MaildropLocks.Claim
    let account: AccountID
    let mailbox: MailboxID
    let access: POP3Access
    let uidValidity: UIDValidity
    /// Message number n is the n-th of these.
    let uids: UIDRuns
    /// UIDs with a unique-id of their own; nil until they were asked for.
    var uniqueIDs: [UID: String]?
    var readAhead = ReadAhead()
    let notice: ChangeNotice
    /// Indexes of messages that were sent whole, for their trails.
    var fetched: Set<Int> = []

    /// The UID of a message by its index, 0 for message 1.
    func uid(_ index: Int) -> UID? { uids.select(index + 1) }

    func index(of uid: UID) -> Int? { uids.rank(of: uid).map { $0 - 1 } }
}

/// Says once that the mailbox changed: what was read ahead of it may be out of date.
final class ChangeNotice: Sendable {
    private let isChanged = Atomic<Bool>(false)
    private let subscription = Mutex<ChangeHub.Subscription?>(nil)

    init(_ mailbox: MailboxID, _ hub: ChangeHub) {
        let subscription = hub.subscribe(to: mailbox) { [weak self] _ in
            self?.isChanged.store(true, ordering: .releasing)
        }
        self.subscription.withLock { $0 = subscription }
    }

    /// Whether something changed since the last call.
    func take() -> Bool { isChanged.exchange(false, ordering: .acquiring) }
}
