import MIME
import MailCore
import NIOCore
import Synchronization
import Testing

@testable import MessageStore

@Suite("Delivery")
struct DeliveryTests {
    @Test("one message to several accounts: one body, each with its own prefix, in one transaction")
    func severalRecipients() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let staged = try await test.store.stage(
                message("one"), preceding: ByteBuffer(string: "Received: by us\r\n"))
            let receipt = try await test.store.deliver(
                staged,
                to: [
                    LocalCopy(
                        account: TestStore.ann, prefix: ByteBuffer(string: "Delivered-To: ann\r\n"), verdict: "{}"),
                    LocalCopy(account: TestStore.bob, target: .specialUse(.junk), flags: [.seen]),
                ])
            #expect(receipt.copies.map(\.uid) == [UID(1), UID(1)])
            let ann = try await test.inbox()
            let junk = try await test.store.mailbox(of: TestStore.bob, named: "Junk")
            #expect(receipt.copies.map(\.mailbox) == [ann.id, junk.id])
            let whole = "Received: by us\r\n" + String(buffer: message("one"))
            #expect(try await test.text(ann.id, 1) == "Delivered-To: ann\r\n" + whole)
            #expect(try await test.text(junk.id, 1, TestStore.bob) == whole)
            #expect((ann.messages, ann.unseen, Int(ann.octets)) == (1, 1, whole.utf8.count + 19))
            #expect((junk.messages, junk.unseen, junk.recentFrom) == (1, 0, UID(1)))
            #expect(try await test.store.segmentFiles().count == 1)
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("all recipients or nobody: one that does not exist leaves nothing anywhere")
    func allOrNothing() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let staged = try await test.store.stage(message("one"))
            await #expect(throws: StoreError.noSuchAccount) {
                try await test.store.deliver(
                    staged, to: [LocalCopy(account: TestStore.ann), LocalCopy(account: AccountID(rawValue: 9))])
            }
            #expect(try await test.inbox().messages == 0)
            #expect(try await test.inbox().uidNext == UID(1))
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test(
        "what FETCH asks for is rendered at delivery: ENVELOPE, BODYSTRUCTURE, header lines, preview, places of parts")
    func facts() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.deliver("Tea at four")
            let inbox = try await test.inbox()
            let all: DetailSet = [.envelope, .structure, .headerFields, .preview, .prefix, .body]
            let detail = try #require(
                try await test.store.details(of: inbox.id, account: TestStore.ann, uids: 1...9, limit: 9, want: all)
                    .first)
            #expect(String(buffer: detail.envelope).hasPrefix("(\"Mon, 23 Nov 2026 21:00:00 +0100\" \"Tea at four\""))
            #expect(String(buffer: detail.bodyStructure).lowercased().hasPrefix("(\"text\" \"plain\""))
            #expect(detail.bodyStructureBasic.readableBytes < detail.bodyStructure.readableBytes)
            #expect(detail.headerFields.map { String(buffer: $0) }?.contains("Subject: Tea at four\r\n") == true)
            #expect(detail.preview == "Hello.")
            #expect(detail.summary.sentDate == 1_795_464_000 && detail.summary.sentZoneMinutes == 60)
            let body = try #require(detail.body)
            let place = try #require(detail.parts?.range(of: .text))
            #expect(place.lowerBound == detail.headerOctets)
            #expect(String(buffer: try await test.store.octets(of: body, range: place)) == "Hello.\r\n")
            let nothing = try await test.store.details(
                of: inbox.id, account: TestStore.ann, uids: 1...9, limit: 9, want: [])
            #expect(nothing.first?.envelope.readableBytes == 0 && nothing.first?.body == nil)
            await test.close()
        }
    }

    @Test("a message above the bound comes through a spool and has a segment of its own; dropped spools leave no file")
    func spool() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder) { $0.inlineOctetsMax = 10_000 }
            do {
                let dropped = try test.store.makeSpool()
                try await dropped.append(ByteBuffer(string: "gone"))
            }
            #expect(Folder.names(folder + "/incoming").isEmpty)
            let line = String(repeating: "x", count: 70) + "\r\n"
            let whole = message("large", body: String(repeating: line, count: 5_000))
            let spool = try test.store.makeSpool()
            var rest = whole
            while let piece = rest.readSlice(length: min(rest.readableBytes, 65_536)), piece.readableBytes > 0 {
                try await spool.append(piece)
            }
            let staged = try await test.store.stage(spool)
            #expect(staged.octetCount == whole.readableBytes && staged.head.readableBytes == 262_144)
            #expect(staged.spoolPath == spool.path)
            try await test.store.deliver(
                staged, to: [LocalCopy(account: TestStore.ann), LocalCopy(account: TestStore.bob)])
            let inbox = try await test.inbox()
            #expect(try await test.text(inbox.id, 1) == String(buffer: whole))
            #expect(Folder.names(folder + "/incoming").isEmpty)
            // The other way in: octets in memory above the bound.
            try await test.store.deliver(try await test.store.stage(whole), to: [LocalCopy(account: TestStore.bob)])
            #expect(try await test.store.segmentFiles().map(\.isSealed) == [true, true])
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("a spooled message that nobody can take leaves no segment behind")
    func refusedSpool() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder) { $0.inlineOctetsMax = 100 }
            let staged = try await test.store.stage(message("large", body: String(repeating: "x", count: 1_000)))
            await #expect(throws: StoreError.noSuchAccount) {
                try await test.store.deliver(staged, to: [LocalCopy(account: AccountID(rawValue: 9))])
            }
            #expect(try await test.store.segmentFiles().isEmpty)
            #expect(Folder.names(folder + "/segments").flatMap { Folder.names(folder + "/segments/" + $0) }.isEmpty)
            await test.close()
        }
    }

    @Test("a message at the bound is taken, one octet more is refused")
    func bound() async throws {
        try await withFolder { folder in
            let octets = message("bound").readableBytes
            let test = try await TestStore(folder) { $0.messageOctetsMax = octets }
            _ = try await test.store.stage(message("bound"))
            await #expect(throws: StoreError.tooLarge(octetsMax: octets)) {
                try await test.store.stage(message("bound", body: "Hello!!\r\n"))
            }
            let spool = try test.store.makeSpool()
            try await spool.append(message("bound"))
            await #expect(throws: StoreError.tooLarge(octetsMax: octets)) {
                try await spool.append(ByteBuffer(string: "x"))
            }
            await test.close()
        }
    }

    @Test("quota: APPEND and COPY are refused past it, a delivery only when asked to look")
    func quota() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.store.setQuota(Quota(octetsMax: 0, messagesMax: 2), of: TestStore.ann)
            try await test.deliver("one")
            let inbox = try await test.inbox()
            let staged = try await test.store.stage(message("two"))
            _ = try await test.store.append(
                staged, account: TestStore.ann, mailbox: inbox.id, flags: [.seen], internalDate: 1_000, zoneMinutes: 60)
            await #expect(throws: StoreError.self) {
                try await test.store.append(
                    staged, account: TestStore.ann, mailbox: inbox.id, flags: [], internalDate: 0, zoneMinutes: 0)
            }
            await #expect(throws: StoreError.self) {
                try await test.store.copy(from: inbox.id, uids: [1...2], to: inbox.id, account: TestStore.ann)
            }
            await #expect(throws: StoreError.self) {
                try await test.store.deliver(staged, to: [LocalCopy(account: TestStore.ann)], checkQuota: true)
            }
            #expect(try await test.inbox().messages == 2)
            try await test.deliver("three")
            let rows = try await test.store.summaries(of: inbox.id, uids: 1...9, limit: 9)
            #expect(rows.map(\.uid.rawValue) == [1, 2, 3])
            #expect((rows[1].internalDate, rows[1].internalZoneMinutes, rows[1].flags) == (1_000, 60, [.seen]))
            #expect(try await test.store.check().isEmpty)
            await test.close()
        }
    }

    @Test("replies join the thread of what they refer to, also when it comes later")
    func threads() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            func deliver(_ id: String, _ references: String?) async throws {
                let field = references.map { "References: \($0)\r\n" } ?? ""
                let octets = ByteBuffer(string: "Message-ID: <\(id)@x>\r\n\(field)\r\n.\r\n")
                try await test.store.deliver(
                    try await test.store.stage(octets), to: [LocalCopy(account: TestStore.ann)])
            }
            try await deliver("a", nil)
            try await deliver("b", "<a@x>")
            try await deliver("d", "<c@x>")
            try await deliver("c", nil)
            try await deliver("e", nil)
            let inbox = try await test.inbox()
            let threads = try await test.store.details(
                of: inbox.id, account: TestStore.ann, uids: 1...9, limit: 9, want: []
            )
            .map(\.threadID)
            #expect(threads[0] == threads[1] && threads[2] == threads[3])
            #expect(Set(threads).count == 3)
            await test.close()
        }
    }

    @Test("the hub tells after the commit: what it tells of can be read")
    func hub() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let inbox = try await test.inbox()
            let other = try await test.inbox(TestStore.bob)
            let (stream, continuation) = AsyncStream<ModSeq>.makeStream()
            let subscription = test.store.hub.subscribe(to: inbox.id) { continuation.yield($0) }
            let silent = test.store.hub.subscribe(to: other.id) { _ in Issue.record("not this mailbox") }
            try await test.deliver("one")
            var iterator = stream.makeAsyncIterator()
            let told = try #require(await iterator.next())
            let changes = try await test.store.changes(in: inbox.id, since: inbox.highestModSeq, uidNext: inbox.uidNext)
            #expect(changes.highestModSeq == told && changes.arrived.map(\.uid) == [UID(1)])
            subscription.cancel()
            silent.cancel()
            try await test.deliver("two", to: [TestStore.ann, TestStore.bob])
            continuation.finish()
            #expect(await iterator.next() == nil)
            await test.close()
        }
    }
}
