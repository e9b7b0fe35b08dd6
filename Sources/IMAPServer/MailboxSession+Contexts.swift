import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

/// CONTEXT=SEARCH and CONTEXT=SORT (RFC 5267): results that are kept up to date.
extension MailboxSession {
    /// §4.3: a tag by which the client knows another result names no second one.
    func checkTag(of command: Search) throws {
        guard command.update != nil, let selected else { return }
        guard !selected.contexts.contains(where: { $0.search.tag == command.tag }) else {
            throw Refusal(.bad("This tag names a result that is kept up to date"))
        }
    }

    /// Keeps the result of a search that asked for it, or says that it will not (§4.3.1).
    ///
    /// - Parameter sorted: the result of a SORT.
    func keep(
        _ command: Search, _ hits: UIDRuns, _ sorted: SortedHits?, _ responses: ResponseStream
    ) async throws {
        guard command.update != nil, let selected else { return }
        guard selected.contexts.count < SearchContext.countMax, command.key.canBeKept,
            sorted == nil
                || hits.count <= SortedHits.countMax
                    && selected.contexts.count(where: { $0.sorted != nil }) < SortedHits.contextsMax
        else {
            var output = ByteBuffer()
            output.writeUntagged(.no, .noUpdate(command.tag), "This result is not kept up to date")
            return try await send(output, responses)
        }
        self.selected?.contexts.append(SearchContext(search: command, hits: hits, sorted: sorted))
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
            var context = before.contexts[index]
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
            context.remove(removed, before.view, into: &output)
            if !added.isEmpty {
                context.add(added, try await places(of: added, in: context, before), before.view, into: &output)
            }
            try await send(output, responses)
            guard selected?.contexts.indices.contains(index) == true else { return }
            selected?.contexts[index] = context
        }
    }

    /// Nil for a SEARCH, whose result is in the mailbox's order.
    private func places(
        of added: UIDRuns, in context: SearchContext, _ selected: Selected
    ) async throws -> (uids: [UID], places: [Int])? {
        guard let sorted = context.sorted else { return nil }
        let scan = HeaderScan(
            store: store, account: selected.owner, mailbox: selected.mailbox, view: selected.view)
        return try await onCPU { try await SortPlaces(scan: scan, sorted: sorted).find(added) }
    }
}
