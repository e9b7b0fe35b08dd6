import MailCore
import MessageStore
import Synchronization
import Transport

/// What happened in an account since its session last looked (RFC 5465). Wakes the session each time.
final class WatchNotice: Sendable {
    struct News: Sendable {
        var mailboxes: Set<MailboxID> = []
        /// Mailboxes came, went or were renamed, or a subscription changed.
        var hasNames = false
        /// Notes that changed; nil: on the account itself.
        var notes: [MailboxID?: Set<String>] = [:]

        var isEmpty: Bool { mailboxes.isEmpty && !hasNames && notes.isEmpty }
    }

    private let state = Mutex(News())
    private let waker: ConnectionWaker

    init(waker: ConnectionWaker) { self.waker = waker }

    /// Called on the writer's thread, as are the others.
    func changed(_ mailbox: MailboxID) {
        state.withLock { _ = $0.mailboxes.insert(mailbox) }
        waker.wake()
    }

    func changed(_ change: ChangeHub.AccountChange) {
        state.withLock { news in
            switch change {
            case .names: news.hasNames = true
            case .annotations(let mailbox, let names): news.notes[mailbox, default: []].formUnion(names)
            }
        }
        waker.wake()
    }

    func take() -> News {
        state.withLock { news in
            defer { news = News() }
            return news
        }
    }
}
