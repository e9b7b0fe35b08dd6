import MailCore
import NIOCore
import Testing

@testable import MessageStore

@Suite("Random sessions against a model", .serialized)
struct ModelTests {
    private static let shares = 4
    private static let sequences = Effort.of(1_000, long: 20_000)

    @Test(
        "two to four sessions, told by changes alone: the same numbers, flags, UIDs and counters", arguments: 0..<shares
    )
    func sequences(share: Int) async throws {
        try await withStore { test in
            for seed in stride(from: share, to: Self.sequences, by: Self.shares) {
                let sequence = ModelSequence(seed: seed)
                guard await ModelRun(test).finding(sequence) != nil else { continue }
                let least = await sequence.shrunk { await ModelRun(test).finding($0) != nil }
                let found = await ModelRun(test).finding(least) ?? "it did not fail again"
                Issue.record("seed \(seed): \(found)\n\(least)")
                break
            }
            let findings = try await test.store.check()
            #expect(findings == [])
        }
    }

    @Test("a store that forgets one expunged message is found out, and the steps to it are few")
    func control() async throws {
        try await withStore { test in
            var run = ModelRun(test)
            run.distort = { changes in if !changes.vanished.isEmpty { changes.vanished.removeLast() } }
            let lying = run
            var least: ModelSequence?
            for seed in 0..<100 where least == nil {
                let sequence = ModelSequence(seed: seed)
                guard await lying.finding(sequence) != nil else { continue }
                least = await sequence.shrunk { await lying.finding($0) != nil }
            }
            // Something comes, and something takes it away.
            let shortest = try #require(least)
            #expect(shortest.steps.count <= 3, "\(shortest)")
        }
    }

    @Test("four sessions at once on one mailbox: each is told of what the others do, and in the end all know the same")
    func atOnce() async throws {
        try await withStore { test in
            let inbox = try await test.inbox()
            let views = try await withThrowingTaskGroup(of: ModelSession.self) { group in
                for session in 0..<4 {
                    group.addTask { try await Self.work(session, ModelSession(inbox, []), test) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let all = try await test.store.summaries(of: inbox.id, uids: 1...UInt32.max, limit: 10_000)
            for view in views {
                var view = view
                let changes = try await test.store.changes(in: inbox.id, since: view.modSeq, uidNext: view.uidNext)
                #expect(view.take(changes) == nil)
                #expect(view.uids == all.map(\.uid.rawValue))
                #expect(view.flags == Dictionary(uniqueKeysWithValues: all.map { ($0.uid.rawValue, $0.flags) }))
            }
            #expect(try await test.store.check() == [])
        }
    }

    private static func work(_ session: Int, _ start: ModelSession, _ test: TestStore) async throws -> ModelSession {
        var random = SeededRandom(session)
        var view = start
        for step in 0..<Effort.of(60, long: 600) {
            let uids = view.uids.isEmpty ? [] : view.uids((1 + random.below(view.uids.count))...view.uids.count)
            switch random.below(8) {
            case 0...2: try await test.deliver("\(session)-\(step)")
            case 3...4:
                _ = try await test.store.storeFlags(
                    mailbox: view.mailbox, uids: uids, operation: random.pick([.add, .remove]),
                    flags: random.pick([.seen, .deleted]))
            case 5: _ = try await test.store.expunge(mailbox: view.mailbox, uids: uids, onlyDeleted: true)
            case 6:
                _ = try await test.store.copy(
                    from: view.mailbox, uids: Array(uids.prefix(1)), to: view.mailbox, account: TestStore.ann)
            default:
                let changes = try await test.store.changes(
                    in: view.mailbox, since: view.modSeq, uidNext: view.uidNext)
                #expect(view.take(changes) == nil)
            }
        }
        return view
    }

    /// No power goes here: nothing is synced.
    private func withStore(_ body: (TestStore) async throws -> Void) async throws {
        try await withFolder { folder in
            let test = try await TestStore(on: TestDisk(folder, .plain), isWitnessed: false)
            try await test.makeAccounts()
            try await body(test)
            await test.close()
        }
    }
}
