import Directory
import IMAP
import MailCore
import MessageStore

/// CREATE and RENAME where another's mailboxes are (RFC 4314 §4).
extension MailboxSession {
    /// "k" on the nearest mailbox above. The new one has the rights that that one has.
    func createShared(_ name: MailboxName, _ uses: SpecialUse) async throws -> Engine.Answer {
        guard let shared = SharedName(name), let owner = try await sharer(shared) else { throw Self.reserved }
        guard uses.isEmpty else { throw Refusal(.no(.useAttribute, "Uses are its owner's to give")) }
        // One answer, whatever there is above: who may not make a mailbox there need not learn what is.
        guard let parent = try await parent(of: shared), !parent.isOwn, parent.rights.contains(.create) else {
            throw Refusal.notAllowed(lacking: .create)
        }
        let id = try await store.createMailbox(account: owner.id, name: shared.mailbox.text)
        return .done(.ok(.mailboxID(ObjectID.mailbox(id))))
    }

    /// "x" on the mailbox and "k" above its new name, both of one owner. Rights stay with the mailbox.
    func renameShared(_ old: MailboxName, to new: MailboxName) async throws -> Engine.Answer {
        let place = try await place(old, .remove)
        guard !place.isOwn || SharedName.contains(new) else {
            // What a person called so before there was sharing can be given another name.
            try await store.renameMailbox(account: place.row.account, from: old.text, to: new.text)
            return .done(.ok)
        }
        guard let shared = SharedName(new), !place.isOwn, try await sharer(shared)?.id == place.row.account else {
            throw Refusal(.no(.cannot, "A mailbox cannot be moved to another account"))
        }
        guard !place.row.isInbox else { throw Refusal(.no(.cannot, "Another's INBOX cannot be renamed")) }
        guard let parent = try await parent(of: shared), !parent.isOwn, parent.rights.contains(.create) else {
            throw Refusal.notAllowed(lacking: .create)
        }
        try await store.renameMailbox(account: place.row.account, from: place.row.name, to: shared.mailbox.text)
        return .done(.ok)
    }

    private static let reserved = Refusal(.no(.cannot, "Below \"\(SharedName.top)\" are mailboxes that others share"))
}

extension MailboxRow {
    fileprivate var isInbox: Bool { name == "INBOX" }
}
