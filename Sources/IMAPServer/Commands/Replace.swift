import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 8508: one message goes as another comes, in one transaction.
    func replace(
        _ replaced: Append.Replaced, by message: NewMessage, in place: Place, _ responses: ResponseStream
    ) async throws -> Engine.Answer {
        let before = try view()
        let part = SequenceSet.Part(first: replaced.number, last: replaced.number)
        let wanted = try before.members(of: SequenceSet(parts: [part]), byUID: replaced.byUID)
        guard let old = wanted.first else { throw Refusal(.no(.nonExistent, "There is no such message")) }
        let outcome = try await store.replace(
            old, of: before.mailbox, by: message, account: place.row.account, mailbox: place.row.id, origin: origin)
        guard let (validity, uid) = outcome else { throw Refusal.expunged }
        // §4.3: before the EXPUNGE, so that the client knows what it means.
        var output = ByteBuffer()
        output.writeUntagged(.ok, .appendUID(validity, uid), "Replacement message ready")
        try await send(output, responses)
        selected?.vanished.append(old.rawValue...old.rawValue)
        return try await expunged(true, responses)
    }
}
