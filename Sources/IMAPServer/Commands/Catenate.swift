import IMAP
import MailCore
import MessageStore
import NIOCore

/// RFC 4469: a message from what the client sends and what is here already.
extension MailboxSession {
    func catenated(_ parts: [CatenatePart]) async throws -> StagedMessage {
        let spool = try store.makeSpool()
        var octets = 0
        for part in parts {
            let piece =
                switch part {
                case .text(let text): text
                case .url(let url): try await self.octets(of: url)
                }
            octets += piece.readableBytes
            guard octets <= messageOctetsMax else {
                throw Refusal(.no(.tooBig, "A message has at most \(messageOctetsMax) octets"))
            }
            if piece.readableBytes > 0 { try await spool.append(piece) }
        }
        guard octets > 0 else { throw Refusal(.no(.cannot, "An empty message cannot be appended")) }
        return try await store.stage(spool)
    }

    private func octets(of url: MessageURL) async throws -> ByteBuffer {
        let missing = Refusal(.no(.badURL(url.text), "There is no such message"))
        let row: MailboxRow
        do {
            if let name = url.mailbox {
                row = try await place(name, .read).row
            } else {
                guard let selected, !selected.isLost, selected.rights.contains(.read) else { throw missing }
                row = try await store.mailbox(selected.mailbox)
            }
        } catch StoreError.noSuchMailbox {
            throw missing
        }
        if let validity = url.uidValidity, validity != row.uidValidity.rawValue { throw missing }
        let item = FetchItem.section(url.section, partial: url.partial, peek: true)
        let plan = FetchPlan(Fetch(SequenceSet(url.uid...url.uid), [item]), marksSeen: false, features: .utf8Accept)
        let run = FetchRun(store: store, account: row.account, mailbox: row.id, plan: plan)
        let details = try await store.details(
            of: row.id, account: row.account, uids: url.uid...url.uid, limit: 1,
            want: [.prefix, .structure, .headerFields, .body])
        guard let detail = details.first, let octets = try await run.octets(of: url.section, detail, nil) else {
            throw missing
        }
        guard let partial = url.partial else { return octets }
        let range = partial.range(in: octets.readableBytes)
        return octets.getSlice(at: octets.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
