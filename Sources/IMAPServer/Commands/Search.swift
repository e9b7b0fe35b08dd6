import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

extension MailboxSession {
    /// RFC 3501 §6.4.4, RFC 4731, RFC 5182.
    func search(_ command: Search, _ responses: ResponseStream) async throws -> Engine.Answer {
        do {
            let hits = try await hits(command)
            let output = try await rendered(hits, command)
            try await send(output, responses)
            return .done(.ok)
        } catch {
            // RFC 5182 §2.1: after a SEARCH that fails with NO nothing is saved.
            let isBad = (error as? Refusal)?.completion.status == .bad
            if command.returns?.contains(.save) == true, !isBad { selected?.saved = UIDRuns() }
            throw error
        }
    }

    private func hits(_ command: Search) async throws -> UIDRuns {
        let account = try owner()
        let before = try view()
        var words = before.flags
        if command.key.namesKeyword(lackingIn: words.keywords) {
            words = FlagWords(try await store.keywords(of: account))
        }
        let condition = try Condition(
            try await withoutIdentifiers(command.key, before.mailbox, account), view: before.view,
            recent: before.recent, keywords: words.keywords, saved: before.saved,
            now: services.now())
        let start = SearchRun(
            store: store, account: account, mailbox: before.mailbox, view: before.view, condition: condition)
        return try await onCPU {
            var run = start
            return try await run.perform()
        }
    }

    /// RFC 8474 §6: identifiers become the UIDs that bear them.
    private func withoutIdentifiers(
        _ key: SearchKey, _ mailbox: MailboxID, _ account: AccountID
    ) async throws -> SearchKey {
        switch key {
        case .emailID(let id):
            guard let message = ObjectID.message(of: id) else { return .not(.all) }
            return .uids(try await store.uids(of: mailbox, messageID: message))
        case .threadID(let id):
            guard let thread = ObjectID.thread(of: id) else { return .not(.all) }
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
        let told = command.returns.map { hits.told(by: $0) } ?? hits
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
            if let first = numbers.first, let last = numbers.last {
                if returns.contains(.min) { response.min(first.lowerBound, into: &output) }
                if returns.contains(.max) { response.max(last.upperBound, into: &output) }
            }
            if returns.contains(.all) { response.all(numbers, into: &output) }
            if returns.contains(.count) { response.count(hits.count, into: &output) }
            if let modSeq { response.modSeq(modSeq, into: &output) }
            response.end(into: &output)
            return output
        }
    }
}

extension UIDRuns {
    /// The messages that a result tells of: with MIN and MAX alone these two (RFC 5182 §2.1, RFC 4731 §3.2), else all.
    fileprivate func told(by returns: Search.Returns) -> UIDRuns {
        guard !returns.isDisjoint(with: [.min, .max]), returns.isDisjoint(with: [.all, .count]), let first, let last
        else { return self }
        var told = UIDRuns()
        if returns.contains(.min) { told.append(first) }
        if returns.contains(.max) { told.append(last) }
        return told
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
