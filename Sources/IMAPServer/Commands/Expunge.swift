import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// EXPUNGE (RFC 3501 §6.4.3) and UID EXPUNGE (RFC 4315 §2.1).
    func expunge(_ uids: SequenceSet?, _ responses: ResponseStream) async throws -> Engine.Answer {
        let before = try view()
        let wanted = try uids.map { set throws(Refusal) in try before.view.members(of: set, byUID: true).ranges }
        if let wanted, wanted.isEmpty { return .done(.ok) }
        let removed = try await store.expunge(mailbox: before.mailbox, uids: wanted, onlyDeleted: true)
        selected?.vanished += removed
        return .done(.ok)
    }
}
