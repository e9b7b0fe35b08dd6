import IMAP
import MailCore
import MessageStore

/// The commands that change which mailboxes there are (RFC 3501 §6.3.3 to §6.3.7).
extension MailboxSession {
    func create(_ name: MailboxName) async throws -> Engine.Answer {
        _ = try await store.createMailbox(account: try owner(), name: name.text)
        return .done(.ok)
    }

    func delete(_ name: MailboxName) async throws -> Engine.Answer {
        try await store.deleteMailbox(account: try owner(), name: name.text)
        return .done(.ok)
    }

    func rename(_ old: MailboxName, to new: MailboxName) async throws -> Engine.Answer {
        try await store.renameMailbox(account: try owner(), from: old.text, to: new.text)
        return .done(.ok)
    }

    /// RFC 3501 §6.3.6: of a mailbox that exists; it stays when the mailbox goes.
    func subscribe(_ name: MailboxName) async throws -> Engine.Answer {
        let account = try owner()
        _ = try await store.mailbox(of: account, named: name.text)
        try await store.subscribe(account: account, name: name.text)
        return .done(.ok)
    }

    func unsubscribe(_ name: MailboxName) async throws -> Engine.Answer {
        try await store.unsubscribe(account: try owner(), name: name.text)
        return .done(.ok)
    }
}
