import MailCore
import NIOCore
import Testing

@testable import MessageStore

/// A mailbox as a list, to compare the store with.
private struct Model {
    struct Message: Equatable {
        var uid: UInt32
        var flags: Flags
        var name: String
    }

    var messages: [Message] = []
    var uidNext: UInt32 = 1

    mutating func add(_ name: String, _ flags: Flags) {
        messages.append(Message(uid: uidNext, flags: flags, name: name))
        uidNext += 1
    }

    func indices(_ range: ClosedRange<UInt32>) -> [Int] { messages.indices.filter { range.contains(messages[$0].uid) } }
}

/// What a session has been told, kept up by `changes` alone.
private struct View {
    var modSeq: ModSeq
    var uidNext: UID
    var flags: [UInt32: Flags] = [:]
}

private struct FixedRandom {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}

@Suite("Random sessions against a model")
struct ModelTests {
    @Test("300 short sequences of deliver, append, store, expunge, copy, move: the same mailboxes, views and counters")
    func sequences() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for seed in 0..<300 {
                let one = try await test.store.createMailbox(account: TestStore.ann, name: "s\(seed)")
                let two = try await test.store.createMailbox(account: TestStore.ann, name: "t\(seed)")
                try await run(seed: UInt64(seed), test.store, [one, two])
            }
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    private func run(seed: UInt64, _ store: MessageStore, _ mailboxes: [MailboxID]) async throws {
        var random = FixedRandom(state: seed &* 7_919 &+ 1)
        var models = [Model(), Model()]
        var views: [View] = []
        for id in mailboxes {
            let row = try await store.mailbox(id)
            views.append(View(modSeq: row.highestModSeq, uidNext: row.uidNext))
        }
        for step in 0..<(4 + random.next(10)) {
            let index = random.next(2)
            let mailbox = mailboxes[index]
            let low = UInt32(random.next(6) + 1)
            let range = low...(low + UInt32(random.next(4)))
            let flags: Flags = [[], .seen, .deleted, [.seen, .flagged]][random.next(4)]
            switch random.next(7) {
            case 0, 1:
                let name = "\(seed)-\(step)"
                let staged = try await store.stage(ByteBuffer(string: "Subject: \(name)\r\n\r\n"))
                if random.next(2) == 0 {
                    try await store.deliver(
                        staged, to: [LocalCopy(account: TestStore.ann, target: .mailbox(mailbox), flags: flags)])
                } else {
                    try await store.append(
                        staged, account: TestStore.ann, mailbox: mailbox, flags: flags, internalDate: 1, zoneMinutes: 0)
                }
                models[index].add(name, flags)
            case 2:
                let operation = [FlagOperation.add, .remove, .replace][random.next(3)]
                let changes = try await store.storeFlags(
                    mailbox: mailbox, uids: [range], operation: operation, flags: flags)
                for position in models[index].indices(range) {
                    switch operation {
                    case .add: models[index].messages[position].flags.formUnion(flags)
                    case .remove: models[index].messages[position].flags.subtract(flags)
                    case .replace: models[index].messages[position].flags = flags
                    }
                }
                #expect(changes.map(\.flags) == models[index].indices(range).map { models[index].messages[$0].flags })
            case 3:
                let onlyDeleted = random.next(2) == 0
                let removed = try await store.expunge(mailbox: mailbox, uids: [range], onlyDeleted: onlyDeleted)
                let expected = models[index].indices(range).map { models[index].messages[$0] }
                    .filter { !onlyDeleted || $0.flags.contains(.deleted) }.map(\.uid)
                #expect(removed.flatMap { Array($0) } == expected)
                models[index].messages.removeAll { expected.contains($0.uid) }
            case 4, 5:
                let other = random.next(2)
                let moves = random.next(2) == 0
                let source = models[index].indices(range).map { models[index].messages[$0] }
                let outcome =
                    moves
                    ? try await store.move(from: mailbox, uids: [range], to: mailboxes[other], account: TestStore.ann)
                    : try await store.copy(from: mailbox, uids: [range], to: mailboxes[other], account: TestStore.ann)
                #expect(outcome.sourceUIDs.map(\.rawValue) == source.map(\.uid))
                let first = models[other].uidNext
                #expect(outcome.destinationUIDs.map(\.rawValue) == source.indices.map { first + UInt32($0) })
                if moves { models[index].messages.removeAll { message in source.contains { $0.uid == message.uid } } }
                for message in source { models[other].add(message.name, message.flags) }
            default:
                try await catchUp(&views[index], store, mailbox)
            }
        }
        for index in 0..<2 {
            try await catchUp(&views[index], store, mailboxes[index])
            try await compare(models[index], views[index], store, mailboxes[index], seed)
        }
    }

    private func catchUp(_ view: inout View, _ store: MessageStore, _ mailbox: MailboxID) async throws {
        let changes = try await store.changes(in: mailbox, since: view.modSeq, uidNext: view.uidNext)
        for range in changes.vanished { for uid in range { view.flags[uid] = nil } }
        for row in changes.changed + changes.arrived { view.flags[row.uid.rawValue] = row.flags }
        view.modSeq = changes.highestModSeq
        view.uidNext = changes.uidNext
    }

    private func compare(
        _ model: Model, _ view: View, _ store: MessageStore, _ mailbox: MailboxID, _ seed: UInt64
    ) async throws {
        let comment = Comment(rawValue: "seed \(seed)")
        let rows = try await store.details(
            of: mailbox, account: TestStore.ann, uids: 1...1_000, limit: 1_000, want: [.headerFields])
        let found = rows.map { row in
            Model.Message(
                uid: row.summary.uid.rawValue, flags: row.summary.flags,
                name: row.headerFields.map { String(String(buffer: $0).dropFirst(9).dropLast(1)) } ?? "")
        }
        #expect(found == model.messages, comment)
        let now = try await store.mailbox(mailbox)
        #expect(now.uidNext.rawValue == model.uidNext, comment)
        #expect(now.messages == model.messages.count, comment)
        #expect(now.unseen == model.messages.count { !$0.flags.contains(.seen) }, comment)
        #expect(now.deleted == model.messages.count { $0.flags.contains(.deleted) }, comment)
        #expect(view.flags == Dictionary(uniqueKeysWithValues: model.messages.map { ($0.uid, $0.flags) }), comment)
        let uids = try await store.uids(of: mailbox)
        #expect(uids.count == model.messages.count, comment)
        for (index, message) in model.messages.enumerated() {
            #expect(uids.rank(of: UID(message.uid)) == index + 1, comment)
        }
    }
}
