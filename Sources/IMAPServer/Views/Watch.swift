import IMAP
import MailCore
import MessageStore

/// What a client wants to be told without asking (RFC 5465), and what it was told last.
struct Watch: Sendable {
    let notify: Notify
    let notice: WatchNotice
    let account: ChangeHub.Subscription
    /// All mailboxes that the client can be told of, as they were when it last heard.
    var known: [MailboxID: Place] = [:]
    var subscribed: Set<String> = []
    /// Of the mailboxes whose messages are watched.
    var mailboxes: [MailboxID: ChangeHub.Subscription] = [:]
    /// Of others who share something: what they rename or remove is news here, too.
    var sharers: [AccountID: ChangeHub.Subscription] = [:]

    /// Mailboxes whose messages are watched.
    static let mailboxesMax = 2_000

    /// What is wanted of a mailbox that is not selected: what the first group says that names it.
    func events(of name: String, _ place: Place?) -> Notify.Events {
        for group in notify.groups {
            if case .mailboxes(let filter) = group.scope, matches(filter, name, place) {
                // RFC 5465 §5: of messages hears who may read them.
                return place?.rights.contains(.read) == false ? group.events.subtracting(.messages) : group.events
            }
        }
        return []
    }

    func events(of place: Place) -> Notify.Events { events(of: place.name.text, place) }

    /// What is known, by name.
    var inOrder: [Place] { known.values.sorted { $0.name.text < $1.name.text } }

    /// Whether any group wants this; of events that are no mailbox's.
    func wants(_ events: Notify.Events) -> Bool { notify.groups.contains { !$0.events.isDisjoint(with: events) } }

    private func matches(_ filter: MailboxFilter, _ name: String, _ place: Place?) -> Bool {
        switch filter {
        case .selected: false
        case .personal: place?.isOwn ?? !name.hasPrefix(SharedName.prefix)
        case .inboxes: name == "INBOX" || place?.row.specialUse.contains(.junk) == true
        case .subscribed: subscribed.contains(name)
        case .mailboxes(let names): names.contains { $0.text == name }
        case .subtree(let names): names.contains { $0.text == name || MailboxName(name)?.isBelow($0) == true }
        case .subtreeOne(let names): names.contains { $0.text == name || MailboxName(name)?.parent == $0 }
        }
    }
}
