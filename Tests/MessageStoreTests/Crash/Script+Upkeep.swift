import MailCore

@testable import MessageStore

/// What the server does by itself, and administrators by hand, with mail that is no longer in a mailbox.
extension Script {
    static let upkeep = [bringBack, expunge, erase, purge, compact, clearRetired, clearAccounts]

    static let bringBack = Step(name: "bring back", mayBeIdle: true, isLong: true) { scene in
        let kept = try await scene.store.keptMessages(of: TestStore.ann, limit: 2)
        _ = try await scene.store.bringBack(kept.map(\.key), account: TestStore.ann)
    }

    static let erase = Step(name: "erase", removes: true, mayBeIdle: true) { scene in
        let inbox = try await scene.mailbox("INBOX").id
        guard let uid = try await scene.someUIDs("INBOX", atMost: 1).first,
            let message = try await scene.store.message(inMailbox: inbox, uid: UID(rawValue: uid.lowerBound))
        else { return }
        _ = try await scene.store.erase(message, account: TestStore.ann)
    }

    static let purge = Step(name: "purge", mayBeIdle: true, isLong: true) { scene in
        try await scene.store.purgeKept(retentionDays: 1, now: Clock.now() + 30 * 86_400)
    }

    /// Of a segment that has something dead for sure.
    static let compact = Step(name: "compact", removes: true, mayBeIdle: true, isLong: true) { scene in
        let first = try await scene.deliver().copies[0]
        try await scene.deliver()
        try await scene.store.sealOpenSegment()
        let uid = first.uid.rawValue
        _ = try await scene.store.expunge(mailbox: first.mailbox, uids: [uid...uid], onlyDeleted: false)
        try await scene.store.purgeKept(retentionDays: 1, now: Clock.now() + 30 * 86_400)
        let test = try scene.test()
        _ = try await test.store.compact(percent: 5, pool: test.pool, octetsPerSecondMax: 0)
    }

    static let clearRetired = Step(name: "clear what is retired", mayBeIdle: true, isLong: true) { scene in
        try await scene.store.clearRetired(now: Clock.now() + 2 * Compaction.graceSeconds)
    }

    static let clearAccounts = Step(name: "clear accounts", mayBeIdle: true, isLong: true) { scene in
        try await scene.store.clearRemovedAccounts()
    }
}
