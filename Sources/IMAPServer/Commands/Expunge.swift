import Directory
import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// EXPUNGE (RFC 3501 §6.4.3) and UID EXPUNGE (RFC 4315 §2.1).
    func expunge(_ uids: SequenceSet?, _ responses: ResponseStream) async throws -> Engine.Answer {
        try requireSelected(.expunge)
        let before = try view()
        let wanted = try uids.map { set throws(Refusal) in try before.members(of: set, byUID: true).ranges }
        if let wanted, wanted.isEmpty { return .done(.ok) }
        let removed = try await store.expunge(mailbox: before.mailbox, uids: wanted, onlyDeleted: true, actor: actor)
        selected?.vanished += removed
        return try await expunged(!removed.isEmpty, responses)
    }

    /// Who expunges, for the record: in another's mailbox by name.
    var actor: String {
        guard let selected, let account, selected.owner != account.id else { return "imap" }
        return "\(account.address)"
    }

    /// RFC 7162 §3.2.7: with QRESYNC the tagged line says how far the client is, once it was told what went.
    func expunged(_ isChanged: Bool, _ responses: ResponseStream) async throws -> Engine.Answer {
        guard isChanged, features.contains(.qresync) else { return .done(.ok) }
        await tellChanges(responses, expunges: true)
        return .done(.ok(.highestModSeq(try view().settled)))
    }
}
