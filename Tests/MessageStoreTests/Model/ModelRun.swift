import MailCore
import NIOCore
import Synchronization

@testable import MessageStore

/// Plays a sequence on mailboxes of its own, beside the model.
struct ModelRun {
    let test: TestStore
    /// Stands between the store and the sessions in a control, and lies to them.
    var distort: @Sendable (inout MailboxChanges) -> Void = { _ in }

    private(set) var mailboxes: [ModelMailbox] = []
    private(set) var sessions: [ModelSession] = []
    /// The number of the step.
    private(set) var time = 0

    private static let number = Atomic<Int>(0)

    init(_ test: TestStore) { self.test = test }

    /// Returns the first thing that is not as the model says, with its step; nil when all is.
    func finding(_ sequence: ModelSequence) async -> String? {
        var run = self
        do {
            try await run.begin(sequence.sessions)
            for step in sequence.steps {
                run.time += 1
                if let found = try await run.play(step) { return "step \(run.time): \(found)" }
            }
            run.time += 1
            for session in run.sessions.indices {
                if let found = try await run.look(session) { return "at the end, session \(session): \(found)" }
            }
            for index in run.mailboxes.indices {
                if let found = try await run.differences(index) { return "at the end: \(found)" }
            }
            return nil
        } catch {
            return "step \(run.time): \(error)"
        }
    }

    private mutating func begin(_ count: Int) async throws {
        for _ in 0..<ModelStep.mailboxes {
            let number = Self.number.wrappingAdd(1, ordering: .relaxed).newValue
            let id = try await test.store.createMailbox(account: TestStore.ann, name: "model \(number)")
            mailboxes.append(ModelMailbox(try await test.store.mailbox(id)))
        }
        for session in 0..<count {
            sessions.append(ModelSession(try await test.store.mailbox(mailboxes[session % mailboxes.count].id), []))
        }
    }

    private mutating func play(_ step: ModelStep) async throws -> String? {
        switch step {
        case .deliver(let mailbox, let flags): return try await add(mailbox, flags, appends: false)
        case .append(let mailbox, let flags): return try await add(mailbox, flags, appends: true)
        case .store(let session, let numbers, let operation, let flags, let isConditional):
            return try await storeFlags(session, numbers, operation, flags, isConditional)
        case .expunge(let session, let numbers, let onlyDeleted):
            return try await expunge(session, numbers, onlyDeleted)
        case .transfer(let session, let numbers, let mailbox, let moves):
            return try await transfer(session, numbers, mailbox, moves)
        case .look(let session): return try await look(session)
        case .claimRecent(let session):
            let index = index(of: session)
            let first = try await test.store.claimRecent(
                mailboxes[index].id, before: test.store.mailbox(mailboxes[index].id).uidNext)
            let expected = mailboxes[index].recentFrom
            mailboxes[index].recentFrom = mailboxes[index].uidNext
            return first.rawValue == expected ? nil : "recent from \(first.rawValue), not \(expected)"
        case .select(let session, let mailbox):
            let row = try await test.store.mailbox(mailboxes[mailbox].id)
            let all = try await test.store.summaries(of: row.id, uids: 1...UInt32.max, limit: 1_000)
            sessions[session] = ModelSession(row, all)
            sessions[session].lookedAt = time
            return nil
        }
    }

    func index(of session: Int) -> Int { mailboxes.firstIndex { $0.id == sessions[session].mailbox } ?? 0 }

    /// After a step: the counters, and mod-sequences that only grow.
    mutating func settle(_ index: Int, isChanged: Bool) async throws -> String? {
        let row = try await test.store.mailbox(mailboxes[index].id)
        let before = mailboxes[index].highestModSeq
        mailboxes[index].highestModSeq = row.highestModSeq
        if isChanged ? row.highestModSeq <= before : row.highestModSeq != before {
            return "HIGHESTMODSEQ was \(before.rawValue) and is \(row.highestModSeq.rawValue)"
        }
        return mailboxes[index].differs(from: row)
    }

    mutating func change<Outcome>(_ index: Int, _ body: (inout ModelMailbox) -> Outcome) -> Outcome {
        body(&mailboxes[index])
    }

    /// Tells a session what is new, and compares it with what really happened since it was told last.
    private mutating func look(_ session: Int) async throws -> String? {
        let view = sessions[session]
        let mailbox = mailboxes[index(of: session)]
        var changes = try await test.store.changes(in: mailbox.id, since: view.modSeq, uidNext: view.uidNext)
        distort(&changes)
        if let found = sessions[session].take(changes) { return found }
        sessions[session].lookedAt = time
        let isNew = { (uid: UInt32) in uid >= view.uidNext.rawValue }
        let expected = [
            ("arrived", changes.arrived.map(\.uid.rawValue), mailbox.messages.map(\.uid).filter(isNew)),
            (
                "changed", changes.changed.map(\.uid.rawValue),
                mailbox.messages.filter { $0.changedAt > view.lookedAt && !isNew($0.uid) }.map(\.uid)
            ),
            (
                "vanished", changes.vanished.flatMap { Array($0) },
                mailbox.expunged.filter { $0.at > view.lookedAt }.map(\.uid).sorted()
            ),
            ("numbers", sessions[session].uids, mailbox.messages.map(\.uid)),
        ]
        if let (what, found, wanted) = expected.first(where: { $0.1 != $0.2 }) {
            return "\(what) \(found), not \(wanted)"
        }
        if sessions[session].flags != Dictionary(uniqueKeysWithValues: mailbox.messages.map { ($0.uid, $0.flags) }) {
            return "its flags are not those of the mailbox"
        }
        return changes.highestModSeq == mailbox.highestModSeq ? nil : "HIGHESTMODSEQ is not that of the mailbox"
    }
}
