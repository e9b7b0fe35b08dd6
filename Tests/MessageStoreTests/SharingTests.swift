import MailCore
import NIOCore
import SQLite
import Testing

@testable import MessageStore

@Suite("Sharing")
struct SharingTests {
    private static func rights(_ letters: String) -> MailboxRights { MailboxRights(letters: letters) ?? [] }

    private static func with(_ body: (TestStore) async throws -> Void) async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(test)) } catch { outcome = .failure(error) }
            await test.close()
            try outcome.get()
        }
    }

    @Test("what is granted by name and to the domain is held together, and the owner's rights cannot be changed")
    func grants() async throws {
        try await Self.with { test in
            let box = try await test.inbox()
            try await test.store.share(box.id, with: .domain, .replace(Self.rights("lr")))
            try await test.store.share(box.id, with: .account(TestStore.bob), .replace(Self.rights("sw")))
            #expect(try await test.store.rights(of: TestStore.bob, on: box) == Self.rights("lrsw"))
            try await test.store.share(box.id, with: .account(TestStore.bob), .remove(Self.rights("w")))
            try await test.store.share(box.id, with: .account(TestStore.bob), .add(Self.rights("t")))
            #expect(
                try await test.store.sharedMailboxes(with: TestStore.bob) == [
                    SharedMailbox(box, Self.rights("lrst"))
                ])
            #expect(try await test.store.sharedMailboxes(with: TestStore.ann) == [])
            #expect(try await test.store.rights(of: TestStore.ann, on: box) == .all)
            await #expect(throws: StoreError.self) {
                try await test.store.share(box.id, with: .account(TestStore.ann), .replace([]))
            }
            try await test.store.share(box.id, with: .account(TestStore.bob), .replace([]))
            #expect(try await test.store.shares(of: box.id) == [MailboxShare(.domain, Self.rights("lr"))])
        }
    }

    @Test("a new mailbox has the rights of the one above it (RFC 4314 §4), and a rename changes none")
    func inherits() async throws {
        try await Self.with { test in
            let top = try await test.store.createMailbox(account: TestStore.ann, name: "Work it/out")
            try await test.store.share(top, with: .account(TestStore.bob), .replace(Self.rights("lr")))
            let below = try await test.store.createMailbox(account: TestStore.ann, name: "Work it/out/more/of it")
            #expect(try await test.store.grantedRights(of: TestStore.bob, on: below) == Self.rights("lr"))
            let beside = try await test.store.createMailbox(account: TestStore.ann, name: "Work it/outer")
            #expect(try await test.store.grantedRights(of: TestStore.bob, on: beside) == [])
            try await test.store.renameMailbox(account: TestStore.ann, from: "Work it/out", to: "Play")
            #expect(
                try await test.store.sharedMailboxes(with: TestStore.bob).map(\.row.name) == [
                    "Play", "Play/more", "Play/more/of it",
                ])
        }
    }

    @Test("rights go with the mailbox, with its owner, and with whom they are for")
    func goes() async throws {
        try await Self.with { test in
            let box = try await test.store.createMailbox(account: TestStore.ann, name: "Work/Plans")
            let parent = try await test.store.mailbox(of: TestStore.ann, named: "Work").id
            for mailbox in [box, parent] {
                try await test.store.share(mailbox, with: .account(TestStore.bob), .replace(Self.rights("lr")))
            }
            // Stays as a name that only holds others, without rights.
            try await test.store.deleteMailbox(account: TestStore.ann, name: "Work")
            #expect(try await test.store.sharedMailboxes(with: TestStore.bob).map(\.row.name) == ["Work/Plans"])
            try await test.store.deleteMailbox(account: TestStore.ann, name: "Work/Plans")
            #expect(try await test.store.sharedMailboxes(with: TestStore.bob) == [])
            let inboxes = (try await test.inbox().id, try await test.inbox(TestStore.bob).id)
            try await test.store.share(inboxes.0, with: .account(TestStore.bob), .replace(Self.rights("lr")))
            try await test.store.share(inboxes.1, with: .account(TestStore.ann), .replace(Self.rights("lr")))
            try await test.database.write { [store = test.store] in try store.removeAccount(TestStore.bob, in: $0) }
            #expect(try await test.database.read { try $0.integer("SELECT count(*) FROM mailbox_share") } == 0)
        }
    }

    @Test("a copy into another's mailbox is the other's message, with its own keywords, and counts in its quota")
    func copies() async throws {
        try await Self.with { test in
            let size = Int64(message("x").readableBytes)
            try await test.deliver("a")
            try await test.deliver("b")
            let (from, to) = (try await test.inbox(), try await test.inbox(TestStore.bob))
            _ = try await test.store.makeKeywords(["first"], account: TestStore.bob)
            let keywords = try await test.store.makeKeywords(["todo"], account: TestStore.ann)
            let todo = try #require(keywords.flag(named: "todo"))
            _ = try await test.store.storeFlags(
                mailbox: from.id, uids: [1...2], operation: .add, flags: [.seen, .flagged, todo])
            _ = try await test.store.copy(
                from: from.id, uids: [1...1], to: to.id, account: TestStore.ann, into: TestStore.bob)
            _ = try await test.store.move(
                from: from.id, uids: [2...2], to: to.id, account: TestStore.ann, into: TestStore.bob,
                keeping: [.seen])
            let theirs = try await test.store.keywords(of: TestStore.bob)
            let rows = try await test.store.summaries(of: to.id, uids: 1...9, limit: 9)
            #expect(rows.map { theirs.names(of: $0.flags) } == [["\\Seen", "\\Flagged", "todo"], ["\\Seen"]])
            #expect(try await test.text(to.id, 1, TestStore.bob) == test.text(from.id, 1))
            #expect(try await test.uids(from.id) == [1...1])
            #expect(try await test.store.usage(of: TestStore.ann) == Usage(octets: size, messages: 1))
            #expect(try await test.store.usage(of: TestStore.bob) == Usage(octets: size * 2, messages: 2))
            // What was moved away can be brought back.
            #expect(try await test.store.keptMessages(of: TestStore.ann).map(\.actor) == ["move"])
            #expect(try await test.store.check() == [])
            // The last message of one account takes nothing from the other's.
            _ = try await test.store.expunge(mailbox: from.id, uids: nil, onlyDeleted: false)
            for kept in try await test.store.keptMessages(of: TestStore.ann) {
                _ = try await test.store.erase(kept.messageID, account: TestStore.ann)
            }
            #expect(try await test.text(to.id, 2, TestStore.bob).contains("Subject: b"))
            #expect(try await test.store.check() == [])
        }
    }

    @Test("a copy beyond the quota of the mailbox's owner is refused, with nothing changed")
    func quota() async throws {
        try await Self.with { test in
            try await test.deliver("a")
            try await test.store.setQuota(Quota(octetsMax: 10, messagesMax: 0), of: TestStore.bob)
            let (from, to) = (try await test.inbox(), try await test.inbox(TestStore.bob))
            await #expect(throws: StoreError.self) {
                try await test.store.copy(
                    from: from.id, uids: [1...1], to: to.id, account: TestStore.ann, into: TestStore.bob)
            }
            #expect(try await test.uids(to.id) == [])
            #expect(try await test.store.check() == [])
        }
    }

    @Test("a store from before there was sharing gets its tables when it is opened")
    func opensOlder() async throws {
        try await withFolder { folder in
            let path = folder + "/mail.db"
            let old = try Database(
                options: .init(path: path, chapters: [MessageStore.chapter, MessageStore.annotationChapter]))
            await old.close()
            let test = try await TestStore(folder)
            #expect(try await test.database.read { try $0.integer("SELECT count(*) FROM mailbox_share") } == 0)
            await test.close()
        }
    }
}
