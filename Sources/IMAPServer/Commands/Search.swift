import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.4.4, RFC 4731, RFC 5182.
    func search(_ command: Search, _ responses: ResponseStream) async throws -> Engine.Answer {
        do {
            try checkTag(of: command)
            let hits = try await hits(command.key)
            let output = try await rendered(hits, command)
            try await send(output, responses)
            try await keep(command, hits, nil, responses)
            return .done(.ok)
        } catch {
            // RFC 5182 §2.1: after a SEARCH that fails with NO nothing is saved.
            let isBad = (error as? Refusal)?.completion.status == .bad
            if command.returns?.contains(.save) == true, !isBad { selected?.saved = UIDRuns() }
            throw error
        }
    }

    /// The messages of the selected mailbox that a search program holds for.
    func hits(_ key: SearchKey) async throws -> UIDRuns {
        let before = try view()
        return try await hits(
            key, in: before.mailbox, of: before.owner, view: before.view, recent: before.recent, saved: before.saved,
            keywords: before.flags.keywords)
    }

    /// - Parameter keywords: those that are known already; nil reads them.
    func hits(
        _ key: SearchKey, in mailbox: MailboxID, of account: AccountID, view: UIDRuns, recent: UIDRuns = UIDRuns(),
        saved: UIDRuns = UIDRuns(), keywords known: Keywords? = nil
    ) async throws -> UIDRuns {
        var keywords = known ?? Keywords()
        if key.namesKeyword(lackingIn: keywords) { keywords = try await store.keywords(of: account) }
        let run = try SearchRun(
            try await withoutIdentifiers(key, mailbox, account), store: store, account: account, mailbox: mailbox,
            view: view, recent: recent, keywords: keywords, saved: saved, now: services.now())
        return try await onCPU { try await run.perform() }
    }

    /// RFC 8474 §6: identifiers become the UIDs that bear them.
    private func withoutIdentifiers(
        _ key: SearchKey, _ mailbox: MailboxID, _ account: AccountID
    ) async throws -> SearchKey {
        let own = try owner()
        let objectIDs = ObjectID(other: account == own ? nil : account)
        switch key {
        case .emailID(let id):
            guard let message = objectIDs.message(of: id) else { return .not(.all) }
            return .uids(try await store.uids(of: mailbox, messageID: message))
        case .threadID(let id):
            guard let thread = objectIDs.thread(of: id) else { return .not(.all) }
            return .uids(try await store.uids(of: mailbox, account: account, threadID: thread))
        case .not(let key): return .not(try await withoutIdentifiers(key, mailbox, account))
        case .or(let first, let second):
            return .or(
                try await withoutIdentifiers(first, mailbox, account),
                try await withoutIdentifiers(second, mailbox, account))
        case .and(let keys):
            var known: [SearchKey] = []
            for key in keys { known.append(try await withoutIdentifiers(key, mailbox, account)) }
            return .and(known)
        default: return key
        }
    }

    private func rendered(_ hits: UIDRuns, _ command: Search) async throws -> ByteBuffer {
        let selected = try view()
        let told = command.returns.map { hits.told(by: $0, command.partial) } ?? hits
        var modSeq: ModSeq?
        if command.key.namesModSeq, !told.isEmpty {
            modSeq = try await store.highestModSeq(of: selected.mailbox, uids: told.ranges)
        }
        if command.returns?.contains(.save) == true { self.selected?.saved = told }
        return try await onCPU { [modSeq] in
            let numbers = command.byUID ? hits.ranges : selected.view.numbers(of: hits)
            var output = ByteBuffer()
            guard let returns = command.returns else {
                let response = SearchResponse(into: &output)
                for range in numbers { response.write(range, into: &output) }
                response.end(modSeq: modSeq, into: &output)
                return output
            }
            // RFC 5182 §2.1: SAVE alone is answered by nothing.
            if returns == .save { return output }
            let response = ESearchResponse(tag: command.tag, byUID: command.byUID, into: &output)
            response.results(numbers, of: command, count: hits.count, into: &output) { range in
                let part = hits.part(range)
                return command.byUID ? part.ranges : selected.view.numbers(of: part)
            }
            if let modSeq { response.modSeq(modSeq, into: &output) }
            response.end(into: &output)
            return output
        }
    }
}

extension UIDRuns {
    /// The messages that a result tells of: with MIN, MAX and PARTIAL alone these (RFC 5182 §2.1, RFC 4731 §3.2,
    /// RFC 9394 §3.2), else all.
    func told(by returns: Search.Returns, _ partial: PartialRange?) -> UIDRuns {
        guard !returns.isDisjoint(with: [.min, .max, .partial]), returns.isDisjoint(with: [.all, .count]), let first,
            let last
        else { return self }
        var told = partial.map { part($0).ranges } ?? []
        if returns.contains(.min) { told.append(first.rawValue...first.rawValue) }
        if returns.contains(.max) { told.append(last.rawValue...last.rawValue) }
        return UIDRuns(told)
    }
}

extension SearchKey {
    fileprivate static func uids(_ uids: UIDRuns) -> SearchKey {
        if uids.isEmpty { return .not(.all) }
        return .uid(
            SequenceSet(parts: uids.ranges.map { .init(first: .number($0.lowerBound), last: .number($0.upperBound)) }))
    }

    /// Whether a keyword is asked for that may have been made since this session looked.
    fileprivate func namesKeyword(lackingIn keywords: Keywords) -> Bool {
        contains {
            if case .flag(.keyword(let name)) = $0 { keywords.flag(named: name) == nil } else { false }
        }
    }

    /// Whether MODSEQ is asked for, so that the answer tells one (RFC 7162 §3.1.5).
    var namesModSeq: Bool { contains { if case .modSeq = $0 { true } else { false } } }

    /// Whether the result can be kept up to date: what names messages by number, or by "$", means others later.
    var canBeKept: Bool {
        !contains { key in
            switch key {
            case .sequence: true
            case .uid(let set): set.isSaved
            default: false
            }
        }
    }

    /// Whether messages are named by sequence number.
    var namesNumbers: Bool {
        contains { if case .sequence(let set) = $0 { !set.isSaved } else { false } }
    }

    private func contains(_ isWanted: (SearchKey) -> Bool) -> Bool {
        switch self {
        case .not(let key): key.contains(isWanted)
        case .or(let first, let second): first.contains(isWanted) || second.contains(isWanted)
        case .and(let keys): keys.contains { $0.contains(isWanted) }
        default: isWanted(self)
        }
    }
}
