import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

/// CONTEXT=SEARCH (RFC 5267): results that are kept up to date.
extension MailboxSession {
    /// Keeps the result of a search that asked for it, or says that it will not (§4.3.1).
    func keep(_ command: Search, _ hits: UIDRuns, _ responses: ResponseStream) async throws {
        guard command.update != nil, let selected else { return }
        guard selected.contexts.count < SearchContext.countMax, command.key.canBeKept else {
            return try await refuseUpdates(of: command, responses)
        }
        self.selected?.contexts.append(SearchContext(search: command, hits: hits))
    }

    func refuseUpdates(of command: Search, _ responses: ResponseStream) async throws {
        guard command.update != nil else { return }
        var output = ByteBuffer()
        output.writeUntagged(.no, .noUpdate(command.tag), "This result is not kept up to date")
        try await send(output, responses)
    }

    /// §4.3.5. A tag that names none is no error.
    func cancelUpdates(_ tags: [String]) -> Engine.Answer {
        selected?.contexts.removeAll { tags.contains($0.search.tag) }
        return .done(.ok)
    }

    /// Looks at what came or changed with the eyes of each search, and tells what that makes of its result.
    func updateContexts(_ touched: UIDRuns, _ responses: ResponseStream) async throws {
        guard let before = selected, !before.contexts.isEmpty, !touched.isEmpty else { return }
        let seen = touched.intersection(before.view.ranges)
        for index in before.contexts.indices {
            let context = before.contexts[index]
            let now = try await hits(
                context.search.key, in: before.mailbox, of: before.owner, view: seen, recent: before.recent,
                keywords: before.flags.keywords)
            var removed = context.hits.intersection(seen.ranges)
            removed.remove(now.ranges)
            var added = now
            added.remove(context.hits.ranges)
            guard !removed.isEmpty || !added.isEmpty else { continue }
            // RFC 5465 §5.2: FETCH goes before ESEARCH.
            if let items = context.search.update?.fetched, !items.isEmpty {
                try await fetchNew(added, items, responses)
            }
            var output = ByteBuffer()
            context.write("REMOVEFROM", removed, before.view, into: &output)
            context.write("ADDTO", added, before.view, into: &output)
            try await send(output, responses)
            guard selected?.contexts.indices.contains(index) == true else { return }
            selected?.contexts[index].hits.remove(removed.ranges)
            let kept = selected?.contexts[index].hits.ranges ?? []
            selected?.contexts[index].hits = UIDRuns(kept + added.ranges)
        }
    }
}
