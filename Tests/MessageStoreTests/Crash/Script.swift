import MailCore

@testable import MessageStore

/// What the sessions of a server ask of the store, one thing after the other: more than 50, with every kind of change.
struct Script: Sendable {
    struct Step: Sendable {
        var name: String
        /// Messages may leave their mailbox.
        var removes = false
        /// Nothing is written when there is no message to do it to.
        var mayBeIdle = false
        /// Several transactions: when it failed, part of it may be done already.
        var isLong = false
        var run: @Sendable (Scene) async throws -> Void
    }

    var steps: [Step]

    init(steps: [Step]) { self.steps = steps }

    /// Everything once, in an order in which it can be done, then a random rest.
    init(seed: Int) {
        var random = SeededRandom(seed)
        steps = [Self.deliveries, Self.changes, Self.queue, Self.longSteps, Self.upkeep].flatMap { $0 }
        steps += Self.rest(30, &random)
    }

    /// The same step names again and again.
    private static func rest(_ count: Int, _ random: inout SeededRandom) -> [Step] {
        let frequent = [
            deliver, deliverToTwo, deliverLarge, append, group, copy, move, expunge, popDelete, flag, seal, bringBack,
            purge,
            compact, clearRetired,
        ]
        return (0..<count).map { _ in random.pick(frequent) }
    }

    /// What changes what is there.
    private static let changes = [
        makeMailbox, makeKeywords, flag, copy, move, claimRecent, seal, flag, markDeleted, expunge, renameMailbox,
        group,
        subscribe, popDelete,
    ]

    private static let longSteps = [
        startAgain, deliverToTwo, renameInbox, deleteMailbox, addAccount, deliverToNew, removeAccount,
    ]
}

/// Changes of mailboxes and flags.
extension Script {
    static let makeMailbox = Step(name: "make a mailbox") { scene in
        _ = try await scene.store.createMailbox(account: TestStore.ann, name: "Work/2026")
    }

    static let renameMailbox = Step(name: "rename") { scene in
        try await scene.store.renameMailbox(account: TestStore.ann, from: "Work", to: "Projects")
    }

    static let renameInbox = Step(name: "rename INBOX", removes: true, isLong: true) { scene in
        try await scene.store.renameMailbox(account: TestStore.ann, from: "INBOX", to: "Old")
    }

    static let deleteMailbox = Step(name: "delete a mailbox", removes: true, isLong: true) { scene in
        try await scene.store.deleteMailbox(account: TestStore.ann, name: "Projects/2026")
    }

    static let subscribe = Step(name: "subscribe") { scene in
        try await scene.store.subscribe(account: TestStore.bob, name: "Elsewhere")
    }

    static let makeKeywords = Step(name: "make keywords") { scene in
        _ = try await scene.store.makeKeywords(["Project", "Later"], account: TestStore.ann)
    }

    static let claimRecent = Step(name: "claim recent", mayBeIdle: true) { scene in
        let inbox = try await scene.mailbox("INBOX")
        _ = try await scene.store.claimRecent(inbox.id, before: inbox.uidNext)
    }

    static let seal = Step(name: "seal") { scene in try await scene.store.sealOpenSegment() }

    static let flag = Step(name: "store flags", mayBeIdle: true) { scene in
        let uids = try await scene.someUIDs("INBOX", atMost: 4)
        let flags: [Flags] = [.seen, .flagged, [.seen, .answered], Flags(rawValue: 1 << 16)]
        _ = try await scene.store.storeFlags(
            mailbox: try await scene.mailbox("INBOX").id, uids: uids,
            operation: [FlagOperation.add, .remove, .replace][scene.below(3)], flags: flags[scene.below(4)])
    }

    static let markDeleted = Step(name: "mark deleted", mayBeIdle: true) { scene in
        let uids = try await scene.someUIDs("INBOX", atMost: 2)
        _ = try await scene.store.storeFlags(
            mailbox: try await scene.mailbox("INBOX").id, uids: uids, operation: .add, flags: .deleted)
    }

    static let expunge = Step(name: "expunge", removes: true) { scene in
        _ = try await scene.store.expunge(
            mailbox: try await scene.mailbox("INBOX").id, uids: nil, onlyDeleted: true)
    }

    static let popDelete = Step(name: "delete by POP3", removes: true, mayBeIdle: true) { scene in
        let uids = try await scene.someUIDs("INBOX", atMost: 2)
        _ = try await scene.store.expunge(
            mailbox: try await scene.mailbox("INBOX").id, uids: uids, onlyDeleted: false, actor: "pop3")
    }

    static let copy = Step(name: "copy") { scene in
        let archive = try await scene.mailbox("Archive").id
        let outcome = try await scene.store.copy(
            from: try await scene.mailbox("INBOX").id, uids: try await scene.someUIDs("INBOX", atMost: 3), to: archive,
            account: TestStore.ann)
        scene.acknowledge("a COPY", archive, outcome.destinationUIDs)
    }

    static let move = Step(name: "move", removes: true, mayBeIdle: true) { scene in
        let archive = try await scene.mailbox("Archive").id
        let outcome = try await scene.store.move(
            from: try await scene.mailbox("INBOX").id, uids: try await scene.someUIDs("INBOX", atMost: 2), to: archive,
            account: TestStore.ann)
        scene.acknowledge("a MOVE", archive, outcome.destinationUIDs)
    }

    static let startAgain = Step(name: "start again") { scene in
        await scene.close()
        try await scene.open()
    }
}
