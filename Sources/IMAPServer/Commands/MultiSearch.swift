import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 7377: one search in many mailboxes; one ESEARCH for each where something is found.
    func multiSearch(_ command: MultiSearch, _ responses: ResponseStream) async throws -> Engine.Answer {
        for place in try await places(of: command.sources) {
            let row = place.row
            let view = try await store.uids(of: row.id)
            let hits = try await hits(command.search.key, in: row.id, of: row.account, view: view)
            guard !hits.isEmpty else { continue }
            var modSeq: ModSeq?
            let returns = command.search.returns ?? .all
            if command.search.key.namesModSeq {
                let told = hits.told(by: returns, command.search.partial)
                modSeq = try await store.highestModSeq(of: row.id, uids: told.ranges)
            }
            var output = ByteBuffer()
            let response = ESearchResponse(
                tag: command.search.tag, mailbox: place.name, row.uidValidity, utf8: features.usesUTF8, into: &output)
            response.results(hits.ranges, of: command.search, count: hits.count, into: &output) { hits.part($0).ranges }
            if let modSeq { response.modSeq(modSeq, into: &output) }
            response.end(into: &output)
            try await send(output, responses)
        }
        return .done(.ok)
    }

    /// The mailboxes meant, each once, in the order of their names; what does not exist, or may not be read, is passed over
    /// (RFC 7377 §2.1, §2.2).
    private func places(of sources: [MailboxFilter]) async throws -> [Place] {
        var all = try await places().filter { $0.row.isSelectable && $0.rights.contains(.read) }
        let own = try owner()
        if let selected, selected.owner != own, !selected.isLost,
            !all.contains(where: { $0.row.id == selected.mailbox })
        {
            // Opened by its name, and not to be told of in a list (RFC 4314 §4).
            let row = try await store.mailbox(selected.mailbox)
            all.append(Place(row: row, rights: selected.rights, name: selected.name, isOwn: false))
        }
        if sources.isEmpty {
            let selected = try view().mailbox
            return all.filter { $0.row.id == selected }
        }
        var wanted: Set<MailboxID> = []
        for source in sources {
            switch source {
            case .selected: wanted.insert(try view().mailbox)
            case .personal: wanted.formUnion(all.filter(\.isOwn).map(\.row.id))
            case .inboxes:
                wanted.formUnion(all.filter { $0.name.isInbox || $0.row.specialUse.contains(.junk) }.map(\.row.id))
            case .subscribed:
                let names = Set(try await store.subscriptions(of: try owner()))
                wanted.formUnion(all.filter { names.contains($0.name.text) }.map(\.row.id))
            case .mailboxes(let names):
                wanted.formUnion(all.filter { names.contains($0.name) }.map(\.row.id))
            case .subtree(let names):
                wanted.formUnion(
                    all.filter { place in
                        names.contains { $0 == place.name || place.name.isBelow($0) }
                    }.map(\.row.id))
            case .subtreeOne(let names):
                wanted.formUnion(
                    all.filter { place in
                        names.contains { $0 == place.name || place.name.parent == $0 }
                    }.map(\.row.id))
            }
        }
        return all.filter { wanted.contains($0.row.id) }
    }
}
