import MailCore
import NIOCore
import SQLite

@testable import MessageStore

/// What brings messages in, and takes them from the queue.
extension Script {
    static let deliveries = [
        deliver, deliverToTwo, deliverLarge, deliverAndQueue, queueLarge, queueAlone, refused, append, appendLarge,
        group,
        deliver, deliver,
    ]

    static let queue = [lease, finish, reschedule, hold, finishAll]

    private static let far = EmailAddress(localPart: "eve", domain: "far.test")
    private static let near = EmailAddress(localPart: "joe", domain: "near.test")

    private static func both() -> [LocalCopy] {
        [
            LocalCopy(account: TestStore.ann, prefix: ByteBuffer(string: "Delivered-To: ann\r\n"), verdict: "{}"),
            LocalCopy(account: TestStore.bob, target: .specialUse(.junk), flags: [.seen]),
        ]
    }

    static let deliver = Step(name: "deliver") { scene in try await scene.deliver() }

    static let deliverToTwo = Step(name: "deliver to two") { scene in try await scene.deliver(to: both()) }

    static let deliverLarge = Step(name: "deliver a large one") { scene in
        try await scene.deliver(large: true, to: both())
    }

    static let deliverAndQueue = Step(name: "deliver and queue") { scene in
        try await scene.deliver(to: both(), queue: [QueueEntry(reversePath: .null, recipients: [far, near])])
    }

    static let queueLarge = Step(name: "deliver and queue a large one") { scene in
        let path = ReversePath.address(EmailAddress(localPart: "ann", domain: "example.test"))
        try await scene.deliver(
            large: true, to: [LocalCopy(account: TestStore.ann, target: .specialUse(.sent), flags: [.seen])],
            queue: [
                QueueEntry(reversePath: path, recipients: [far]),
                QueueEntry(reversePath: path, recipients: [near], holdReason: "wait"),
            ])
    }

    /// When its last recipient is done with, nothing holds its segment any more.
    static let queueAlone = Step(name: "queue a large one alone") { scene in
        try await scene.deliver(
            large: true, to: [], queue: [QueueEntry(reversePath: .null, recipients: [far, near])])
    }

    static let refused = Step(name: "refuse", mayBeIdle: true) { scene in
        do {
            try await scene.deliver(large: true, to: both() + [LocalCopy(account: AccountID(rawValue: 99))])
            throw StoreError.notAllowed(reason: "an account that does not exist got a message")
        } catch StoreError.noSuchAccount {}
    }

    static let append = Step(name: "append") { scene in
        try await append(scene, large: false, [.draft], zoneMinutes: -60)
    }

    static let appendLarge = Step(name: "append a large one") { scene in
        try await append(scene, large: true, [], zoneMinutes: 0)
    }

    private static func append(_ scene: Scene, large: Bool, _ flags: Flags, zoneMinutes: Int) async throws {
        let drafts = try await scene.mailbox("Drafts").id
        let (_, uid) = try await scene.store.append(
            try await scene.store.stage(scene.make(large: large)), account: TestStore.ann, mailbox: drafts,
            flags: flags,
            internalDate: 1_790_000_000, zoneMinutes: zoneMinutes)
        scene.acknowledge("an APPEND", drafts, [uid])
    }

    /// Several at once, which may be one transaction.
    static let group = Step(name: "deliver four at once") { scene in
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<4 {
                group.addTask { try await scene.deliver(large: index == 3, to: both()) }
            }
            try await group.waitForAll()
        }
    }

    static let addAccount = Step(name: "add an account") { scene in
        let test = try scene.test()
        try await test.database.write {
            try test.store.createAccount(AccountID(rawValue: 3), domain: TestStore.domain, in: $0)
        }
    }

    static let deliverToNew = Step(name: "deliver to the new account") { scene in
        try await scene.deliver(large: true, to: [LocalCopy(account: AccountID(rawValue: 3))])
    }

    static let removeAccount = Step(name: "remove an account") { scene in
        let test = try scene.test()
        try await test.database.write { try test.store.removeAccount(AccountID(rawValue: 3), in: $0) }
    }

    static let lease = Step(name: "lease") { scene in
        let due = try await scene.store.dueQueue(now: 2_000_000_000, limit: 3).map(\.key)
        _ = try await scene.store.leaseQueue(due, owner: "test", until: 2_000_000_000)
    }

    static let finish = Step(name: "finish one recipient") { scene in
        try await scene.store.finishQueue(
            try await scene.store.listQueue().prefix(1).map(\.key), isSent: true, reply: "250 OK")
    }

    static let reschedule = Step(name: "reschedule") { scene in
        try await scene.store.rescheduleQueue(
            try await scene.store.listQueue().prefix(2).map(\.key), at: 1_900_000_000, lastReply: "451 later")
    }

    static let hold = Step(name: "hold") { scene in
        _ = try await scene.store.holdQueue(QueueFilter(routeDomain: "near.test"), reason: "held")
    }

    static let finishAll = Step(name: "finish what is left to far.test") { scene in
        let all = try await scene.store.listQueue()
        // Of the one that nobody else holds, all.
        let last = all.map(\.key.queueID).max()
        try await scene.store.finishQueue(
            all.filter { $0.routeDomain == "far.test" || $0.key.queueID == last }.map(\.key), isSent: false,
            reply: "550 no")
    }
}
