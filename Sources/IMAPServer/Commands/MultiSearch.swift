import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 7377: one search in many mailboxes; one ESEARCH for each where something is found.
    func multiSearch(_ command: MultiSearch, _ responses: ResponseStream) async throws -> Engine.Answer {
        let account = try owner()
        let rows = try await rows(of: command.sources, account)
        for row in rows {
            let view = try await store.uids(of: row.id)
            let hits = try await hits(command.search.key, in: row.id, view: view)
            guard !hits.isEmpty else { continue }
            var modSeq: ModSeq?
            let returns = command.search.returns ?? .all
            if command.search.key.namesModSeq {
                let told = hits.told(by: returns, command.search.partial)
                modSeq = try await store.highestModSeq(of: row.id, uids: told.ranges)
            }
            guard let name = MailboxName(row.name) else { continue }
            var output = ByteBuffer()
            let response = ESearchResponse(
                tag: command.search.tag, mailbox: name, row.uidValidity, utf8: features.usesUTF8, into: &output)
            response.results(hits.ranges, of: command.search, count: hits.count, into: &output) { hits.part($0).ranges }
            if let modSeq { response.modSeq(modSeq, into: &output) }
            response.end(into: &output)
            try await send(output, responses)
        }
        return .done(.ok)
    }

    /// The mailboxes meant, each once, in the order of their names; what does not exist is passed over (RFC 7377 §2.1).
    private func rows(of sources: [MailboxFilter], _ account: AccountID) async throws -> [MailboxRow] {
        let all = try await store.mailboxes(of: account).filter(\.isSelectable)
        if sources.isEmpty {
            let selected = try view().mailbox
            return all.filter { $0.id == selected }
        }
        var wanted: Set<MailboxID> = []
        for source in sources {
            switch source {
            case .selected: wanted.insert(try view().mailbox)
            case .personal: wanted.formUnion(all.map(\.id))
            case .inboxes:
                wanted.formUnion(all.filter { $0.name == "INBOX" || $0.specialUse.contains(.junk) }.map(\.id))
            case .subscribed:
                let names = Set(try await store.subscriptions(of: account))
                wanted.formUnion(all.filter { names.contains($0.name) }.map(\.id))
            case .mailboxes(let names):
                wanted.formUnion(all.filter { row in names.contains { $0.text == row.name } }.map(\.id))
            case .subtree(let names):
                wanted.formUnion(all.filter { row in names.contains { Self.isIn($0, row.name) } }.map(\.id))
            case .subtreeOne(let names):
                wanted.formUnion(
                    all.filter { row in
                        names.contains { $0.text == row.name || MailboxName(row.name)?.parent == $0 }
                    }.map(\.id))
            }
        }
        return all.filter { wanted.contains($0.id) }
    }

    private static func isIn(_ top: MailboxName, _ name: String) -> Bool {
        name == top.text || MailboxName(name)?.isBelow(top) == true
    }
}
