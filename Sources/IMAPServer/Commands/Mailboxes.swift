import IMAP
import MailCore
import MessageStore

/// The commands that change which mailboxes there are (RFC 3501 §6.3.3 to §6.3.7).
extension MailboxSession {
    /// With special uses (RFC 6154 §3): those that a mailbox of ours can have, and none that another has.
    func create(_ name: MailboxName, _ uses: SpecialUse) async throws -> Engine.Answer {
        if SharedName.contains(name) { return try await createShared(name, uses) }
        let account = try owner()
        // \All and \Flagged would be views of messages that are elsewhere.
        guard uses.isDisjoint(with: [.all, .flagged]), uses.isEmpty || !name.isInbox else {
            throw Refusal(.no(.useAttribute, "No mailbox can have this use"))
        }
        if !uses.isEmpty {
            let others = try await store.mailboxes(of: account)
            guard !others.contains(where: { !$0.specialUse.isDisjoint(with: uses) }) else {
                throw Refusal(.no(.useAttribute, "Another mailbox has this use"))
            }
        }
        let id = try await store.createMailbox(account: account, name: name.text, specialUse: uses)
        return .done(.ok(.mailboxID(ObjectID.mailbox(id))))
    }

    func delete(_ name: MailboxName) async throws -> Engine.Answer {
        let place = try await place(name, .remove)
        try await store.deleteMailbox(account: place.row.account, name: place.row.name)
        return .done(.ok)
    }

    func rename(_ old: MailboxName, to new: MailboxName) async throws -> Engine.Answer {
        if SharedName.contains(old) || SharedName.contains(new) { return try await renameShared(old, to: new) }
        try await store.renameMailbox(account: try owner(), from: old.text, to: new.text)
        return .done(.ok)
    }

    /// RFC 3501 §6.3.6: of a mailbox that exists; it stays when the mailbox goes.
    func subscribe(_ name: MailboxName) async throws -> Engine.Answer {
        let place = try await place(name, .lookUp)
        try await store.subscribe(account: try owner(), name: place.name.text)
        return .done(.ok)
    }

    func unsubscribe(_ name: MailboxName) async throws -> Engine.Answer {
        try await store.unsubscribe(account: try owner(), name: name.text)
        return .done(.ok)
    }
}
