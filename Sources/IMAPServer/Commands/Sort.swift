import IMAP
import MIME
import MailCore
import MessageStore
import NIOCore
import Transport

/// RFC 5256, with SORT=DISPLAY (RFC 5957), ESORT and CONTEXT=SORT (RFC 5267).
extension MailboxSession {
    func sort(_ command: Sort, _ responses: ResponseStream) async throws -> Engine.Answer {
        do {
            try checkTag(of: command.search)
            let hits = try await hits(command.search.key)
            let selected = try view()
            let scan = HeaderScan(store: store, account: selected.owner, mailbox: selected.mailbox, view: selected.view)
            let sorted = try await onCPU {
                var keys: [SortKeys] = []
                let needsHeaders = command.criteria.contains(where: \.key.needsHeader)
                try await scan.forEach(hits, headers: needsHeaders) { summary, header in
                    keys.append(SortKeys(command.criteria, summary, header))
                }
                return keys.sorted { $0.precedes($1, command.criteria) }.map(\.uid)
            }
            try await tell(sorted, command.search, selected, responses)
            try await keep(
                command.search, UIDRuns(sorted.map { $0.rawValue...$0.rawValue }),
                SortedHits(command.criteria, sorted), responses)
            return .done(.ok)
        } catch {
            let isBad = (error as? Refusal)?.completion.status == .bad
            if command.search.returns?.contains(.save) == true, !isBad { self.selected?.saved = UIDRuns() }
            throw error
        }
    }

    private func tell(
        _ sorted: [UID], _ search: Search, _ selected: Selected, _ responses: ResponseStream
    ) async throws {
        let told = search.returns.map { sorted.told(by: $0, search.partial) } ?? sorted
        let runs = UIDRuns(told.map { $0.rawValue...$0.rawValue })
        var modSeq: ModSeq?
        if search.key.namesModSeq, !told.isEmpty {
            modSeq = try await store.highestModSeq(of: selected.mailbox, uids: runs.ranges)
        }
        if search.returns?.contains(.save) == true { self.selected?.saved = runs }
        let output = try await onCPU { [modSeq] in
            let numbers = sorted.compactMap { uid in
                search.byUID ? uid.rawValue : selected.view.rank(of: uid).map { UInt32(clamping: $0) }
            }
            var output = ByteBuffer()
            guard let returns = search.returns else {
                output.writeSort(numbers, modSeq: modSeq?.rawValue)
                return output
            }
            if returns == .save { return output }
            let response = ESearchResponse(tag: search.tag, byUID: search.byUID, into: &output)
            // RFC 5267 §3.3: the first and the last in the order of the sort.
            if let first = numbers.first, let last = numbers.last {
                if returns.contains(.min) { response.min(first, into: &output) }
                if returns.contains(.max) { response.max(last, into: &output) }
            }
            if returns.contains(.all) { response.all(inOrder: numbers, into: &output) }
            if let partial = search.partial {
                response.partial(
                    partial, inOrder: Array(numbers[partial.places(among: numbers.count)]), into: &output)
            }
            if returns.contains(.count) { response.count(numbers.count, into: &output) }
            if let modSeq { response.modSeq(modSeq, into: &output) }
            response.end(into: &output)
            return output
        }
        try await send(output, responses)
    }

    func thread(_ command: Threading, _ responses: ResponseStream) async throws -> Engine.Answer {
        let hits = try await hits(command.key)
        let selected = try view()
        let scan = HeaderScan(store: store, account: selected.owner, mailbox: selected.mailbox, view: selected.view)
        let output = try await onCPU {
            var messages: [ThreadMessage] = []
            try await scan.forEach(hits, headers: true) { summary, header in
                messages.append(ThreadMessage(summary, header))
            }
            let threads = Threads(command.algorithm, messages) { uid in
                command.byUID ? uid.rawValue : UInt32(clamping: selected.view.rank(of: uid) ?? 0)
            }
            var output = ByteBuffer()
            output.writeThreads(threads.roots, of: threads.nodes)
            return output
        }
        try await send(output, responses)
        return .done(.ok)
    }
}

extension [UID] {
    /// As `UIDRuns.told(by:_:)`, of results in the order of a sort.
    fileprivate func told(by returns: Search.Returns, _ partial: PartialRange?) -> [UID] {
        guard !returns.isDisjoint(with: [.min, .max, .partial]), returns.isDisjoint(with: [.all, .count]), let first,
            let last
        else { return self }
        var told = partial.map { Array(self[$0.places(among: count)]) } ?? []
        if returns.contains(.min) { told.append(first) }
        if returns.contains(.max) { told.append(last) }
        return told
    }
}
