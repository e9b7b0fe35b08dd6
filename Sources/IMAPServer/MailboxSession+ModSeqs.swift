import IMAP
import MailCore
import MessageStore
import NIOCore
import Transport

/// RFC 7162: mod-sequences, and what a client missed while it was away.
extension MailboxSession {
    /// RFC 7162 §3.1: the first command about mod-sequences makes a client one that is told of them from now on.
    func noteModSeqs(_ request: Engine.Request, _ responses: ResponseStream) async throws {
        guard request.namesModSeqs, !features.contains(.condstore) else { return }
        features.insert(.condstore)
        guard let selected, !request.selects else { return }
        var output = ByteBuffer()
        output.writeUntagged(.ok, .highestModSeq(selected.settled), "The highest mod-sequence")
        try await send(output, responses)
    }

    /// RFC 7162 §3.2.5: VANISHED (EARLIER), then the flags that changed, for a client that comes back.
    func tellChanges(
        since resync: Select.Resync, of row: MailboxRow, _ selected: inout Selected, _ responses: ResponseStream
    ) async throws {
        let all = [1...max(1, row.uidNext.rawValue &- 1)]
        let known = resync.known.map { $0.ranges(largest: 0) } ?? all
        let gone = try await gone(from: selected, among: known, since: resync.modSeq, matching: resync)
        if !gone.isEmpty {
            var output = ByteBuffer()
            output.writeVanished(gone.ranges, isEarlier: true)
            try await send(output, responses)
        }
        let changed = try await store.uids(of: row.id, changedSince: resync.modSeq)
        let wanted = selected.view.intersection(known).intersection(changed.ranges)
        guard !wanted.isEmpty else { return }
        let plan = FetchPlan(
            Fetch(SequenceSet(parts: []), [.uid, .flags, .modSeq], byUID: true), marksSeen: false, features: features)
        let start = FetchRun(
            store: store, selected: selected, plan: plan, wanted: wanted, features: features)
        let run = try await onCPU {
            var run = start
            try await run.perform(responses)
            return run
        }
        selected.flags = run.flags
    }

    /// The UIDs among `asked` that left the mailbox since; where that is not known any more, all that are not there.
    func gone(
        from selected: Selected, among asked: [ClosedRange<UInt32>], since: ModSeq,
        matching resync: Select.Resync? = nil
    ) async throws -> UIDRuns {
        let asked = UIDRuns(asked)
        guard selected.uidNext.rawValue > 1 else { return UIDRuns() }
        var gone: UIDRuns
        if let vanished = try await store.vanished(from: selected.mailbox, since: since) {
            gone = asked.intersection(vanished)
        } else {
            let known = selected.view.lastMatch(resync)
            let last = selected.uidNext.rawValue - 1
            gone = known < last ? asked.intersection(known + 1...last) : UIDRuns()
        }
        // What the client was just told to be there, and what is owed to it, is not gone yet.
        gone.remove(selected.view.ranges)
        return gone
    }
}

extension UIDRuns {
    /// RFC 7162 §3.2.5.2: up to this UID the client's pairs of numbers and UIDs agree with the mailbox, so that it knows
    /// what left below; 0 for nothing.
    func lastMatch(_ resync: Select.Resync?) -> UInt32 {
        guard let resync, let numbers = resync.numbers?.ranges(largest: 0), let uids = resync.uids?.ranges(largest: 0)
        else { return 0 }
        var last: UInt32 = 0
        var pairs = zip(numbers.lazy.joined(), uids.lazy.joined()).makeIterator()
        while let (number, uid) = pairs.next(), select(Int(number))?.rawValue == uid { last = uid }
        return last
    }
}

extension ServerSession.Request {
    fileprivate var selects: Bool {
        switch self {
        case .select, .examine: true
        default: false
        }
    }

    /// The CONDSTORE enabling commands of RFC 7162 §3.1.
    fileprivate var namesModSeqs: Bool {
        switch self {
        case .select(let select), .examine(let select): select.wantsModSeqs || select.resync != nil
        case .status(_, let items): items.contains(.highestModSeq)
        case .fetch(let fetch): fetch.items.contains(.modSeq)
        case .search(let search): search.key.namesModSeq
        case .multiSearch(let search): search.search.key.namesModSeq
        case .sort(let sort): sort.search.key.namesModSeq
        case .store(let store): store.unchangedSince != nil
        case .enable(let features): features.contains(.condstore) || features.contains(.qresync)
        default: false
        }
    }
}
