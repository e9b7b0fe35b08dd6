import MailCore
import NIOCore
import SQLite
import Testing

@testable import MessageStore

@Suite("Mailboxes")
struct MailboxTests {
    @Test("a new account has its folders with their uses, subscribed (RFC 6154)")
    func standard() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let rows = try await test.store.mailboxes(of: TestStore.ann)
            #expect(rows.map(\.name) == ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"])
            #expect(rows.map(\.specialUse) == [.archive, .drafts, [], .junk, .sent, .trash])
            #expect(try await test.store.subscriptions(of: TestStore.ann) == rows.map(\.name))
            #expect(Set(rows.map(\.uidValidity)).count == 6)
            await #expect(throws: StoreError.noSuchMailbox) {
                try await test.store.mailbox(of: TestStore.ann, named: "No")
            }
            await #expect(throws: StoreError.noSuchAccount) { try await test.store.usage(of: AccountID(rawValue: 7)) }
            await test.close()
        }
    }

    @Test("creating makes the names above (RFC 3501 §6.3.3); INBOX is one in any case")
    func creates() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.store.createMailbox(account: TestStore.ann, name: "a/b/c/")
            #expect(try await names(test) == ["a", "a/b", "a/b/c"])
            await #expect(throws: StoreError.mailboxExists) {
                try await test.store.createMailbox(account: TestStore.ann, name: "a")
            }
            await #expect(throws: StoreError.mailboxExists) {
                try await test.store.createMailbox(account: TestStore.ann, name: "inBox")
            }
            try await test.store.createMailbox(account: TestStore.ann, name: "inbox/sub")
            #expect(try await test.store.mailbox(of: TestStore.ann, named: "INBOX/sub").messages == 0)
            for bad in [
                "", "/", "a//b", "/a", "x\u{7}", String(repeating: "x", count: 1_001),
                Array(repeating: "x", count: 51).joined(separator: "/"),
            ] {
                await #expect(throws: StoreError.self, "\(bad)") {
                    try await test.store.createMailbox(account: TestStore.ann, name: bad)
                }
            }
            try await test.store.createMailbox(account: TestStore.ann, name: String(repeating: "x", count: 1_000))
            await test.close()
        }
    }

    @Test("renaming takes the tree along, not its neighbours (RFC 3501 §6.3.5)")
    func renames() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for name in ["a/b/c", "ab", "a0", "a b"] {
                try await test.store.createMailbox(account: TestStore.ann, name: name)
            }
            let before = try await test.store.mailbox(of: TestStore.ann, named: "a/b/c")
            try await test.store.renameMailbox(account: TestStore.ann, from: "a", to: "z/y")
            #expect(try await names(test) == ["a b", "a0", "ab", "z", "z/y", "z/y/b", "z/y/b/c"])
            #expect(try await test.store.mailbox(of: TestStore.ann, named: "z/y/b/c").uidValidity == before.uidValidity)
            await #expect(throws: StoreError.self) {
                try await test.store.renameMailbox(account: TestStore.ann, from: "z", to: "z/y/new")
            }
            await #expect(throws: StoreError.mailboxExists) {
                try await test.store.renameMailbox(account: TestStore.ann, from: "ab", to: "z")
            }
            await #expect(throws: StoreError.noSuchMailbox) {
                try await test.store.renameMailbox(account: TestStore.ann, from: "a", to: "q")
            }
            await test.close()
        }
    }

    @Test("renaming INBOX moves its messages and leaves it empty (RFC 3501 §6.3.5)")
    func renamesInbox() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<3 { try await test.deliver("\(index)") }
            try await test.store.renameMailbox(account: TestStore.ann, from: "INBOX", to: "old")
            let old = try await test.store.mailbox(of: TestStore.ann, named: "old")
            #expect([try await test.inbox().messages, old.messages] == [0, 3])
            #expect(try await test.text(old.id, 2) == String(buffer: message("1")))
            #expect(try await test.inbox().uidNext == UID(4))
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("deleting: not INBOX; one with others below stays as a name; made again it has a new UIDVALIDITY")
    func deletes() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            await #expect(throws: StoreError.self) {
                try await test.store.deleteMailbox(account: TestStore.ann, name: "INBOX")
            }
            let id = try await test.store.createMailbox(account: TestStore.ann, name: "a")
            try await test.store.createMailbox(account: TestStore.ann, name: "a/b")
            try await test.store.subscribe(account: TestStore.ann, name: "a/b")
            let staged = try await test.store.stage(message("kept"))
            try await test.store.deliver(staged, to: [LocalCopy(account: TestStore.ann, target: .mailbox(id))])
            let before = try await test.store.mailbox(id)
            try await test.store.deleteMailbox(account: TestStore.ann, name: "a")
            let after = try await test.store.mailbox(of: TestStore.ann, named: "a")
            #expect(!after.isSelectable && after.messages == 0 && after.id != id)
            await #expect(throws: StoreError.noSuchMailbox) {
                try await test.store.deliver(staged, to: [LocalCopy(account: TestStore.ann, target: .mailbox(id))])
            }
            await #expect(throws: StoreError.self) {
                try await test.store.deleteMailbox(account: TestStore.ann, name: "a")
            }
            try await test.store.createMailbox(account: TestStore.ann, name: "a")
            let again = try await test.store.mailbox(of: TestStore.ann, named: "a")
            #expect(again.uidValidity.rawValue > before.uidValidity.rawValue)
            try await test.store.deleteMailbox(account: TestStore.ann, name: "a/b")
            try await test.store.deleteMailbox(account: TestStore.ann, name: "a")
            #expect(try await names(test) == [])
            #expect(try await test.store.subscriptions(of: TestStore.ann).contains("a/b"))
            try await test.store.unsubscribe(account: TestStore.ann, name: "a/b")
            #expect(try await !test.store.subscriptions(of: TestStore.ann).contains("a/b"))
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("an account's removal leaves the other accounts' mail and no row of its own")
    func removesAccount() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.deliver("both", to: [TestStore.ann, TestStore.bob])
            try await test.deliver("one")
            try await test.database.write { [store = test.store] in try store.removeAccount(TestStore.ann, in: $0) }
            #expect(try await test.store.check().isEmpty)
            await #expect(throws: StoreError.noSuchAccount) { try await test.deliver("late") }
            #expect(try await test.store.quotaState(of: TestStore.domain).state.usage.messages == 1)
            try await test.store.clearRemovedAccounts()
            #expect(try await test.store.mailboxes(of: TestStore.ann).isEmpty)
            #expect(
                try await test.text(try await test.inbox(TestStore.bob).id, 1, TestStore.bob)
                    == String(buffer: message("both")))
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("recent messages are claimed by one session (RFC 3501 §2.3.2)")
    func recent() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let inbox = try await test.inbox().id
            #expect(try await test.store.claimRecent(inbox, before: UID(1)) == UID(1))
            try await test.deliver("a")
            try await test.deliver("b")
            try await test.deliver("unknown to those who claim")
            #expect(try await test.store.recentCount(in: inbox) == 3)
            #expect(try await test.store.claimRecent(inbox, before: UID(3)) == UID(1))
            #expect(try await test.store.claimRecent(inbox, before: UID(3)) == UID(3))
            #expect(try await test.store.recentCount(in: inbox) == 1)
            #expect(try await test.store.claimRecent(inbox, before: UID(4)) == UID(3))
            #expect(try await test.store.recentCount(in: inbox) == 0)
            await test.close()
        }
    }

    /// Without those that every account has.
    private func names(_ test: TestStore) async throws -> [String] {
        let standard: Set<String> = ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"]
        return try await test.store.mailboxes(of: TestStore.ann).map(\.name).filter { !standard.contains($0) }
    }
}
