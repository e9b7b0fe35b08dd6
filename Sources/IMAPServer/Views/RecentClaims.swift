import Logging
import MailCore
import MessageStore
import Synchronization

/// Takes what is `\Recent` for one session while the client has its answer already: a first look at a mailbox need not
/// wait for the disk. Who looks next waits for it, so that no two sessions are told of the same message.
final class RecentClaims: Sendable {
    private let pending = Mutex<[MailboxID: Task<Void, Never>]>([:])

    /// All before `end` are the caller's.
    func begin(_ mailbox: MailboxID, before end: UID, in store: MessageStore, _ log: Logger) {
        pending.withLock { pending in
            let before = pending[mailbox]
            pending[mailbox] = Task {
                await before?.value
                do throws(StoreError) {
                    _ = try await store.claimRecent(mailbox, before: end)
                } catch .noSuchMailbox {
                    // It was deleted meanwhile, with all that was in it.
                } catch {
                    // A full disk must not keep mail from being read: `\Recent` is told and taken from nobody.
                    log.error("recent messages cannot be claimed", metadata: ["error": "\(error.diagnostic)"])
                }
            }
        }
    }

    /// Returns when what was begun for a mailbox is done.
    func settle(_ mailbox: MailboxID) async {
        guard let task = pending.withLock({ $0[mailbox] }) else { return }
        await task.value
        pending.withLock { if $0[mailbox] == task { $0[mailbox] = nil } }
    }
}
