import Glibc
import MailCore
import NIOCore
import SQLite
import Synchronization
import Testing

@testable import MessageStore

@Suite("Check and repair")
struct CheckTests {
    @Test("wrong counters, lost places, lost rows: found, mended, and good afterwards")
    func repairs() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<4 { try await test.deliver("\(index)", to: [TestStore.ann, TestStore.bob]) }
            let inbox = try await test.inbox().id
            try await test.store.sealOpenSegment()
            try await test.database.write { transaction in
                for statement in [
                    "UPDATE mailbox SET unseen_count = 70, octet_count = 3 WHERE name = 'INBOX' AND account_id = 1",
                    "UPDATE account_state SET used_octets = 5 WHERE account_id = 2",
                    "UPDATE domain_state SET used_messages = 1000",
                    "UPDATE message SET mailbox_refs = 9 WHERE account_id = 2",
                    "UPDATE body SET ref_count = 1",
                    "DELETE FROM body WHERE body_id = (SELECT min(body_id) FROM body)",
                    // Message 1 of bob loses its row, UID 2 of ann its message.
                    "DELETE FROM mailbox_message WHERE uid = 2 AND mailbox_id <> (SELECT min(mailbox_id) FROM mailbox)",
                ] as [StaticString] { try transaction.execute(statement) }
                try transaction.execute(
                    """
                    DELETE FROM message WHERE account_id = 1 AND message_id = (
                      SELECT message_id FROM mailbox_message WHERE mailbox_id = ? AND uid = 3)
                    """, .integer(inbox.rawValue))
            }
            let findings = try await test.store.check()
            for words in [
                "(INBOX): its counters", "account 2: its counters", "domain 1: its counters",
                "counts its mailboxes wrongly",
                "counts its references wrongly", "has no body", "has no message",
            ] { #expect(findings.contains { $0.contains(words) }, "\(words) in \(findings)") }
            let done = try await test.store.repair()
            #expect(done.contains { $0.contains("places of 1 bodies") }, "\(done)")
            #expect(try await test.store.check() == [])
            #expect(try await test.text(inbox, 1) == String(buffer: message("0")))
            let recovered = try await test.store.mailbox(of: TestStore.bob, named: MessageStore.recoveredMailbox)
            #expect(recovered.messages == 1)
            #expect(try await test.text(recovered.id, 1, TestStore.bob) == String(buffer: message("1")))
            #expect(try await test.store.repair() == [])
            await test.close()
        }
    }

    @Test("messages in lost/ are delivered to Recovered of who does not have them, small and large ones")
    func lostFiles() async throws {
        try await withFolder { folder in
            let change: @Sendable (inout MessageStore.Options) -> Void = { $0.inlineOctetsMax = 5_000 }
            var test = try await TestStore(folder, change: change)
            try await test.deliver("known")
            try await test.database.copy(to: folder + "/older.db")
            try await test.deliver("later")
            let large = message("large", body: String(repeating: "x", count: 9_000))
            try await test.store.deliver(
                try await test.store.stage(large), to: [LocalCopy(account: TestStore.bob)])
            await test.close()
            for name in ["mail.db-wal", "mail.db-shm", "mail.db"] { unlink(folder + "/" + name) }
            rename(folder + "/older.db", folder + "/mail.db")
            // The same segment is open still, and no number is above what was reserved: the records tell.
            await #expect {
                try await TestStore(folder)
            } throws: {
                if case .olderIndex? = $0 as? StoreError { true } else { false }
            }
            test = try await TestStore(folder) {
                change(&$0)
                $0.acceptOlderIndex = true
            }
            #expect(test.store.lostFiles().count == 2)
            #expect(try await test.store.check() == [])
            #expect(try await test.store.repair().count == 2)
            #expect(test.store.lostFiles().isEmpty)
            let ann = try await test.store.mailbox(of: TestStore.ann, named: MessageStore.recoveredMailbox)
            let bob = try await test.store.mailbox(of: TestStore.bob, named: MessageStore.recoveredMailbox)
            #expect(try await test.text(ann.id, 1) == String(buffer: message("later")))
            #expect(try await test.text(bob.id, 1, TestStore.bob) == String(buffer: large))
            #expect(ann.messages == 1 && bob.messages == 1)
            try await test.deliver("next")
            await test.close()
            test = try await TestStore(folder, change: change)
            #expect(try await test.store.check() == [])
            await test.close()
        }
    }

    @Test("below the disk's reserve mail is refused at once, flags and deletion go on, and room is noticed")
    func reserve() async throws {
        try await withFolder { folder in
            let free = Atomic64(2_000_000)
            var layer = FileLayer.system
            layer.freeOctets = { _ in free.value.load(ordering: .relaxed) }
            let test = try await TestStore(folder, layer: layer) { $0.reserveOctets = 1_000_000 }
            try await test.deliver("one")
            let inbox = try await test.inbox().id
            free.value.store(900_000, ordering: .relaxed)
            test.store.disk.look()
            #expect(!test.store.hasRoom)
            await #expect(throws: StoreError.diskFull) { try await test.deliver("two") }
            await #expect(throws: StoreError.diskFull) {
                try await test.store.copy(from: inbox, uids: [1...1], to: inbox, account: TestStore.ann)
            }
            #expect(
                try await test.store.storeFlags(mailbox: inbox, uids: [1...1], operation: .add, flags: .seen).count == 1
            )
            #expect(try await test.store.expunge(mailbox: inbox, uids: nil, onlyDeleted: false) == [1...1])
            free.value.store(1_050_000, ordering: .relaxed)
            test.store.disk.look()
            #expect(!test.store.hasRoom)
            free.value.store(1_200_000, ordering: .relaxed)
            test.store.disk.look()
            try await test.deliver("three")
            await test.close()
        }
    }
}

private final class Atomic64: Sendable {
    let value: Atomic<Int64>

    init(_ value: Int64) { self.value = Atomic(value) }
}
