import Glibc
import MailCore
import NIOCore
import SQLite
import Testing

@testable import MessageStore

@Suite("A store of an older version")
struct UpgradeTests {
    @Test("version 1 is refused as it is, and converted on a copy with every message, flag and counter")
    func fromVersion1() async throws {
        try await withFolder { folder in
            let path = folder + "/mail.db"
            let old = try Database(
                options: Database.Options(
                    path: path, chapters: [SchemaChapter(name: "store", version: 1, create: storeVersion1)]))
            try await old.write { transaction in
                for statement in [
                    "INSERT INTO store_info VALUES ('generation', '1')",
                    "INSERT INTO counter VALUES ('next_mailbox_id', 1099511627786)",
                    "INSERT INTO counter VALUES ('next_queue_id', 1099511627776)",
                    "INSERT INTO counter VALUES ('reserved_segment_id', 1099511627840)",
                    "INSERT INTO account_state VALUES (1, 9, 1099511627780, 1000, 300, 2)",
                    "INSERT INTO account_state VALUES (2, 1, 1099511627777, 1000, 0, 0)",
                    "INSERT INTO mailbox VALUES (7, 1, 'INBOX', 900, 4, 1, 9, 0, 2, 1, 0, 300, 0, 1)",
                    "INSERT INTO mailbox VALUES (8, 2, 'INBOX', 901, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1)",
                    "INSERT INTO mailbox_message VALUES (7, 1, 1099511627777, 5, 1, 100, 55, 0, 44, 60)",
                    "INSERT INTO mailbox_message VALUES (7, 3, 1099511627777, 9, 0, 200, 66, 0, 44, 60)",
                    "INSERT INTO expunged VALUES (1, 1099511627778, 'INBOX', 2, 8, 150, 77, 0, 88, 'imap')",
                    "INSERT INTO expunged VALUES (1, 1099511627778, 'gone', 5, 0, 150, 77, 0, 88, 'delete')",
                    "INSERT INTO body VALUES (1, 2, 80, 100, 100, 0, 1, x'00')",
                    "INSERT INTO body VALUES (2, 2, 260, 150, 150, 0, 1, x'00')",
                    "INSERT INTO segment VALUES (2, 0, 1, 1, 3, 470, 0, 5, NULL)",
                    "INSERT INTO body VALUES (3, 2, 420, 50, 50, 0, 1, x'00')",
                    "INSERT INTO queue_message VALUES (1099511627775, 3, '', '8bit', 5, 9)",
                    "INSERT INTO queue_recipient VALUES (1099511627775, 'a@b.test', 'a', 'b.test', 0, 1, 0, NULL, NULL)",
                    "INSERT INTO message VALUES (1, 1099511627777, 1, 2, 1, 10, 5, x'', x'01', x'01', 'p')",
                    "INSERT INTO message VALUES (1, 1099511627778, 2, 0, 1, 10, 5, x'', x'01', x'01', 'p')",
                ] as [StaticString] { try transaction.execute(statement) }
            }
            await old.close()
            var options = Database.Options(path: path, chapters: [MessageStore.chapter])
            #expect(throws: DatabaseError.olderVersion(chapter: "store", found: 1, known: 3)) {
                try Database(options: options)
            }
            options.convertsOlder = true
            let converted = try Database(options: options)
            #expect(try await converted.integrityCheck() == [])
            await converted.close()
            let test = try await TestStore(folder)
            let rows = try await test.store.summaries(of: MailboxID(rawValue: 7), uids: 1...9, limit: 9)
            #expect(rows.map(\.uid.rawValue) == [1, 3] && rows.map(\.savedAt) == [55, 66])
            let kept = try await test.store.keptMessages(of: TestStore.ann)
            #expect(Set(kept.map(\.mailboxName)) == ["INBOX", "gone"])
            #expect(try await test.store.quotaState(of: TestStore.ann).keptOctets == 300)
            let queued = try await test.store.listQueue()
            #expect(queued.map(\.needs) == [.eightBit] && queued.map(\.notification) == [RecipientNotification()])
            // The bodies' octets are made up; all else agrees.
            let findings = try await test.store.check(readsBodies: false)
            #expect(findings.filter { !$0.hasPrefix("body ") } == [])
            #expect(try await test.store.bringBack(kept.map(\.key), account: TestStore.ann) == 2)
            try await test.deliver("new")
            #expect(try await test.inbox().uidNext == UID(6))
            await test.close()
        }
    }
}
