import MailCore
import NIOCore
import SQLite
import Testing

@testable import MessageStore

/// What listings read: the fast ways give what the plain ones give.
@Suite struct ViewTests {
    private static let ann = TestStore.ann

    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
        }
    }

    /// A mailbox with copies, gaps, own lines and many flags.
    private func filled(_ test: TestStore, _ random: inout Random) async throws -> MailboxRow {
        let inbox = try await test.inbox()
        let other = try await test.store.mailbox(of: Self.ann, named: "Archive")
        for number in 0..<40 {
            let staged = try await test.store.stage(message("m\(number)"))
            let prefix = number % 3 == 0 ? ByteBuffer(string: "X-Own: \(number)\r\n") : ByteBuffer()
            let target: LocalCopy.Target = number % 4 == 0 ? .mailbox(other.id) : .inbox
            try await test.store.deliver(staged, to: [LocalCopy(account: Self.ann, target: target, prefix: prefix)])
        }
        for _ in 0..<3 {
            _ = try await test.store.copy(from: other.id, uids: [1...5], to: inbox.id, account: Self.ann)
            let uid = UInt32.random(in: 1...30, using: &random)
            _ = try await test.store.storeFlags(
                mailbox: inbox.id, uids: [uid...(uid + 5)], operation: .add, flags: [.seen, .flagged])
            _ = try await test.store.expunge(mailbox: inbox.id, uids: [uid...(uid + 2)], onlyDeleted: false)
        }
        return try await test.store.mailbox(inbox.id)
    }

    @Test(
        "a page holds what details gives, flags scanned are those of the rows, and UIDs those that are there",
        arguments: [1, 2, 3] as [UInt64])
    func agree(_ seed: UInt64) async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            var random = Random(state: seed)
            let row = try await filled(test, &random)
            let want: DetailSet = [.envelope, .structure, .headerFields, .preview, .prefix]
            let details = try await test.store.details(
                of: row.id, account: Self.ann, uids: 1...UInt32.max, limit: 1_000, want: want)
            let page = try await test.store.page(
                of: row.id, account: Self.ann, uids: 1...UInt32.max, limit: 1_000, want: want)
            #expect(page.entries.map(\.summary) == details.map(\.summary))
            func text(_ place: Range<Int>?) -> String? {
                place.map { page.withOctets($0) { String(decoding: $0, as: UTF8.self) } }
            }
            for (entry, detail) in zip(page.entries, details) {
                #expect(entry.threadID == detail.threadID)
                #expect(text(entry.envelope) == String(buffer: detail.envelope))
                #expect(text(entry.bodyStructure) == String(buffer: detail.bodyStructure))
                #expect(text(entry.bodyStructureBasic) == String(buffer: detail.bodyStructureBasic))
                #expect(text(entry.headerFields) == detail.headerFields.map { String(buffer: $0) })
                #expect(text(entry.preview) == detail.preview)
                #expect(text(entry.prefix) == String(buffer: detail.prefix))
            }
            var scanned: [FlagRow] = []
            var next: UInt32? = 1
            while let first = next {
                (scanned, next) = try await test.store.scanFlags(
                    of: row.id, uids: first...UInt32.max, limit: 7, into: scanned
                ) { $0.append($1) }
            }
            #expect(scanned.map(\.uid) == details.map(\.summary.uid))
            #expect(scanned.map(\.flags) == details.map(\.summary.flags))
            #expect(scanned.map(\.modSeq) == details.map(\.summary.modSeq))
            let uids = UIDRuns(details.map { $0.summary.uid.rawValue...$0.summary.uid.rawValue })
            #expect(try await test.store.uids(of: row.id) == uids)
            let again = try await test.store.details(of: details.map(\.summary), account: Self.ann, want: want)
            #expect(again.map(\.summary) == details.map(\.summary))
            await test.close()
        }
    }

    @Test("RFC 7162: what changed and what left since a mod-sequence; behind the horizon nobody knows")
    func changes() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for number in 0..<5 { try await test.deliver("m\(number)") }
            let inbox = try await test.inbox()
            _ = try await test.store.storeFlags(mailbox: inbox.id, uids: [2...3], operation: .add, flags: .seen)
            _ = try await test.store.expunge(mailbox: inbox.id, uids: [4...4], onlyDeleted: false)
            #expect(
                try await test.store.uids(of: inbox.id, changedSince: inbox.highestModSeq).ranges == [2...3])
            #expect(try await test.store.vanished(from: inbox.id, since: inbox.highestModSeq) == [4...4])
            let now = try await test.inbox().highestModSeq
            #expect(try await test.store.vanished(from: inbox.id, since: now) == [])
            #expect(
                try await test.store.highestModSeq(of: inbox.id, uids: [1...1])?.rawValue == inbox.highestModSeq
                    .rawValue - 4)
            #expect(try await test.store.highestModSeq(of: inbox.id, uids: [4...4]) == nil)
            try await test.database.write { transaction in
                _ = try transaction.execute(
                    "UPDATE mailbox SET vanished_horizon = ? WHERE mailbox_id = ?", .integer(now.rawValue),
                    .integer(inbox.id.rawValue))
            }
            #expect(try await test.store.vanished(from: inbox.id, since: inbox.highestModSeq) == nil)
            #expect(try await test.uids(inbox.id) == [1...3, 5...5])
            await test.close()
        }
    }

    @Test("RFC 3502: several messages come all or none; RFC 8508: a replaced message makes room for the new one")
    func several() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.store.setQuota(Quota(octetsMax: 0, messagesMax: 3), of: Self.ann)
            let inbox = try await test.inbox()
            func messages(_ count: Int) async throws -> [NewMessage] {
                var all: [NewMessage] = []
                for number in 0..<count {
                    all.append(
                        NewMessage(
                            try await test.store.stage(message("s\(number)")), flags: .seen, internalDate: 5,
                            zoneMinutes: 0))
                }
                return all
            }
            let (_, uids) = try await test.store.append(
                try await messages(2), account: Self.ann, to: .mailbox(inbox.id))
            #expect(uids == [UID(1), UID(2)])
            await #expect(throws: StoreError.self) {
                try await test.store.append(
                    try await messages(2), account: Self.ann, to: .mailbox(inbox.id))
            }
            #expect(try await test.inbox().messages == 2)
            _ = try await test.store.append(
                try await messages(1), account: Self.ann, to: .mailbox(inbox.id))
            let new = try await messages(1)[0]
            let replaced = try await test.store.replace(
                UID(2), of: inbox.id, by: new, account: Self.ann, mailbox: inbox.id)
            #expect(replaced?.1.rawValue ?? 0 > 3)
            #expect(try await test.inbox().messages == 3)
            #expect(
                try await test.store.replace(UID(2), of: inbox.id, by: new, account: Self.ann, mailbox: inbox.id) == nil
            )
            #expect(try await test.store.quotaState(of: Self.ann).usage.messages == 3)
            await test.close()
        }
    }

    @Test("own lines that hold a field which is kept apart leave nothing apart, so that none is missed")
    func ownFields() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let inbox = try await test.inbox()
            for prefix in ["X-Own: 1\r\n", "List-Id: <x>\r\n"] {
                let staged = try await test.store.stage(message("m"))
                try await test.store.deliver(
                    staged, to: [LocalCopy(account: Self.ann, prefix: ByteBuffer(string: prefix))])
            }
            let page = try await test.store.page(
                of: inbox.id, account: Self.ann, uids: 1...2, limit: 2, want: .headerFields)
            #expect(page.entries.map { $0.headerFields == nil } == [false, true])
            await test.close()
        }
    }
}
