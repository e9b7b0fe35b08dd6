import IMAP
import MailCore
import MessageStore

/// What a client wants to be told without asking (RFC 5465), and what it was told last.
struct Watch: Sendable {
    let notify: Notify
    let notice: WatchNotice
    let account: ChangeHub.Subscription
    /// All mailboxes of the account, as they were when the client last heard.
    var known: [MailboxID: MailboxRow] = [:]
    var subscribed: Set<String> = []
    /// Of the mailboxes whose messages are watched.
    var mailboxes: [MailboxID: ChangeHub.Subscription] = [:]

    /// Mailboxes whose messages are watched.
    static let mailboxesMax = 2_000

    /// What is wanted of a mailbox that is not selected: what the first group says that names it.
    func events(of name: String, _ row: MailboxRow?) -> Notify.Events {
        for group in notify.groups {
            if case .mailboxes(let filter) = group.scope, matches(filter, name, row) { return group.events }
        }
        return []
    }

    /// Whether any group wants this; of events that are no mailbox's.
    func wants(_ events: Notify.Events) -> Bool { notify.groups.contains { !$0.events.isDisjoint(with: events) } }

    private func matches(_ filter: MailboxFilter, _ name: String, _ row: MailboxRow?) -> Bool {
        switch filter {
        case .selected: false
        case .personal: true
        case .inboxes: name == "INBOX" || row?.specialUse.contains(.junk) == true
        case .subscribed: subscribed.contains(name)
        case .mailboxes(let names): names.contains { $0.text == name }
        case .subtree(let names): names.contains { $0.text == name || MailboxName(name)?.isBelow($0) == true }
        case .subtreeOne(let names): names.contains { $0.text == name || MailboxName(name)?.parent == $0 }
        }
    }
}
