import MailCore
import NIOCore
import Testing

@testable import MessageStore

@Suite("Changes")
struct ChangeTests {
    @Test("STORE adds, removes and replaces; counters and mod-sequences follow")
    func flags() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<4 { try await test.deliver("\(index)") }
            let inbox = try await test.inbox()
            let first = try await test.store.storeFlags(
                mailbox: inbox.id, uids: [1...2, 99...100], operation: .add, flags: [.seen, .deleted])
            #expect(
                first.map(\.uid.rawValue) == [1, 2]
                    && first.allSatisfy { $0.isChanged && $0.flags == [.seen, .deleted] })
            let same = try await test.store.storeFlags(mailbox: inbox.id, uids: [2...3], operation: .add, flags: .seen)
            #expect(same.map(\.isChanged) == [false, true])
            let now = try await test.inbox()
            #expect((now.unseen, now.deleted) == (1, 2) && now.highestModSeq == same[1].modSeq)
            _ = try await test.store.storeFlags(mailbox: inbox.id, uids: [1...4], operation: .replace, flags: .flagged)
            _ = try await test.store.storeFlags(
                mailbox: inbox.id, uids: [1...1], operation: .remove, flags: [.flagged, .draft])
            let rows = try await test.store.summaries(of: inbox.id, uids: 1...9, limit: 9)
            #expect(rows.map(\.flags) == [[], .flagged, .flagged, .flagged])
            let unflagged = try await test.store.summaries(
                of: inbox.id, uids: 1...9, limit: 9, matching: FlagFilter(clear: .flagged))
            #expect(unflagged.map(\.uid) == [UID(1)])
            #expect(try await test.inbox().unseen == 4)
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("UNCHANGEDSINCE leaves what changed meanwhile (RFC 7162 §3.1.3)")
    func unchangedSince() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<2 { try await test.deliver("\(index)") }
            let before = try await test.inbox()
            _ = try await test.store.storeFlags(mailbox: before.id, uids: [1...1], operation: .add, flags: .seen)
            let changes = try await test.store.storeFlags(
                mailbox: before.id, uids: [1...2], operation: .add, flags: .flagged,
                unchangedSince: before.highestModSeq)
            #expect(changes.map(\.isRefused) == [true, false] && changes[0].flags == .seen)
            await test.close()
        }
    }

    @Test("keywords have bits 16 to 62; the 48th is refused while messages bear all of them, and then none is made")
    func keywords() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let some = try await test.store.makeKeywords(["Work", "$junk", "work"], account: TestStore.ann)
            #expect(some.all == ["Work"] && some.flag(named: "WORK") == Flags(rawValue: 1 << 16))
            let all = try await test.store.makeKeywords((0..<46).map { "k\($0)" }, account: TestStore.ann)
            #expect(all.all.count == 47)
            #expect(all.names(of: [.seen, Flags(rawValue: 1 << 62)]) == ["\\Seen", "k45"])
            try await test.deliver("bears all")
            let every = Flags.keywordBits.reduce(into: Flags()) { $0.insert(Flags(rawValue: 1 << Int64($1))) }
            let inbox = try await test.inbox().id
            _ = try await test.store.storeFlags(mailbox: inbox, uids: [1...1], operation: .add, flags: every)
            await #expect(throws: StoreError.keywordLimit) {
                try await test.store.makeKeywords(["one more"], account: TestStore.ann)
            }
            #expect(try await test.store.keywords(of: TestStore.ann) == all)
            #expect(try await test.store.keywords(of: TestStore.bob).all.isEmpty)
            await test.close()
        }
    }

    @Test("a keyword that no message bears is freed for another; who knows the old names is told to learn them again")
    func freesKeywords() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for name in ["one", "two"] { try await test.deliver(name) }
            let inbox = try await test.inbox()
            let old = try await test.store.makeKeywords((0..<47).map { "k\($0)" }, account: TestStore.ann)
            let borne = try #require(old.flag(named: "k3"))
            let gone = try #require(old.flag(named: "k5"))
            _ = try await test.store.storeFlags(
                mailbox: inbox.id, uids: [1...2], operation: .add, flags: borne.union(gone),
                keywordVersion: old.version)
            _ = try await test.store.storeFlags(mailbox: inbox.id, uids: [1...1], operation: .remove, flags: gone)
            _ = try await test.store.expunge(mailbox: inbox.id, uids: [2...2], onlyDeleted: false)
            let new = try await test.store.makeKeywords(["k3", "fresh"], account: TestStore.ann)
            #expect(new.all == ["fresh", "k3"] && new.flag(named: "k3") == borne && new.version != old.version)
            await #expect(throws: StoreError.keywordsChanged) {
                try await test.store.storeFlags(
                    mailbox: inbox.id, uids: [1...1], operation: .add, flags: gone, keywordVersion: old.version)
            }
            let changes = try await test.store.changes(in: inbox.id, since: ModSeq(rawValue: 0), uidNext: UID(1))
            #expect(changes.keywordVersion == new.version)
            let kept = try await test.store.keptMessages(of: TestStore.ann)
            _ = try await test.store.bringBack(kept.map(\.key), account: TestStore.ann)
            let flags = try await test.store.summaries(of: inbox.id, uids: 3...3, limit: 1).first?.flags
            #expect(flags == borne)
            await test.close()
        }
    }

    @Test("an expunged message vanishes from views, counts no more, and can still be read by who holds it")
    func expunge() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<5 { try await test.deliver("\(index)") }
            let before = try await test.inbox()
            let held = try await test.store.details(
                of: before.id, account: TestStore.ann, uids: 2...2, limit: 1, want: .body)
            _ = try await test.store.storeFlags(mailbox: before.id, uids: [2...4], operation: .add, flags: .deleted)
            #expect(try await test.store.expunge(mailbox: before.id, uids: [1...2], onlyDeleted: true) == [2...2])
            #expect(try await test.store.expunge(mailbox: before.id, uids: nil, onlyDeleted: true) == [3...4])
            #expect(try await test.uids(before.id) == [1...1, 5...5])
            let body = try #require(held.first?.body)
            #expect(String(buffer: try await test.store.octets(of: body)) == String(buffer: message("1")))
            let changes = try await test.store.changes(
                in: before.id, since: before.highestModSeq, uidNext: before.uidNext)
            #expect(changes.vanished == [2...4] && changes.arrived.isEmpty && changes.changed.isEmpty)
            let usage = try await test.store.usage(of: TestStore.ann)
            let octets = try await test.inbox().octets
            #expect(usage.messages == 2 && usage.octets == octets)
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("a UID is never given again, not even after the last message was expunged (RFC 9051 §2.3.1.1)")
    func uidsGrow() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            try await test.deliver("a")
            _ = try await test.store.expunge(mailbox: try await test.inbox().id, uids: nil, onlyDeleted: false)
            await test.close()
            test = try await TestStore(folder)
            #expect(try await test.deliver("b").copies[0].uid == UID(2))
            await test.close()
        }
    }

    @Test("COPY gives new UIDs and keeps flags and dates; MOVE takes the source away; 2,500 in pages")
    func copiesAndMoves() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.deliver("a")
            try await test.deliver("b")
            let inbox = try await test.inbox()
            let archive = try await test.store.mailbox(of: TestStore.ann, named: "Archive")
            _ = try await test.store.storeFlags(mailbox: inbox.id, uids: [2...2], operation: .add, flags: .seen)
            let copied = try await test.store.copy(
                from: inbox.id, uids: [2...9], to: archive.id, account: TestStore.ann)
            #expect(
                copied == CopyOutcome(uidValidity: archive.uidValidity, sourceUIDs: [UID(2)], destinationUIDs: [UID(1)])
            )
            #expect(try await test.text(archive.id, 1) == String(buffer: message("b")))
            #expect(try await test.store.summaries(of: archive.id, uids: 1...1, limit: 1).first?.flags == .seen)
            for _ in 0..<11 {
                let last = try await test.inbox().uidNext.rawValue - 1
                _ = try await test.store.copy(from: inbox.id, uids: [1...last], to: inbox.id, account: TestStore.ann)
            }
            let many = try await test.inbox().messages
            #expect(many == 4_096)
            let moved = try await test.store.move(
                from: inbox.id, uids: [1...UInt32.max], to: archive.id, account: TestStore.ann)
            #expect(moved.sourceUIDs.count == many && moved.destinationUIDs.last == UID(4_097))
            let counts = [try await test.inbox().messages, try await test.store.mailbox(archive.id).messages]
            #expect(counts == [0, 4_097])
            #expect(try await test.store.usage(of: TestStore.ann).messages == 4_097)
            let inPlace = try await test.store.move(
                from: archive.id, uids: [1...UInt32.max], to: archive.id, account: TestStore.ann)
            #expect(inPlace.destinationUIDs.first == UID(4_098) && inPlace.destinationUIDs.count == 4_097)
            await #expect(throws: StoreError.noSuchMailbox) {
                let foreign = try await test.inbox(TestStore.bob).id
                _ = try await test.store.copy(
                    from: archive.id, uids: [1...UInt32.max], to: foreign, account: TestStore.ann)
            }
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }
}
