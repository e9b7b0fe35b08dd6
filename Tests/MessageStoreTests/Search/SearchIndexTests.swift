import Glibc
import MIME
import MailCore
import NIOCore
import SQLite
import Synchronization
import Testing

@testable import MessageStore

/// What the index says of each message of an account, beside the truth.
private struct Comparison {
    /// Hits, misses, and messages of which it says nothing.
    var hits: [Int64] = []
    var misses: [Int64] = []
    var unknown: [Int64] = []
    /// It said what is not so.
    var wrong: [Int64] = []
}

extension TestStore {
    static func path(_ folder: String, _ account: AccountID = ann) -> String {
        "\(folder)/search/\(account.rawValue).db"
    }

    func startSearch() async {
        store.search.start()
        await store.search.catchUp()
    }

    func closeSearch() async {
        await store.search.stop()
        await close()
    }

    func progress(_ account: AccountID = ann) throws -> IndexFile.Progress? {
        let connection = try DerivedFile(
            path: Self.path(folder, account), chapter: IndexSchema.chapter, applicationID: IndexSchema.applicationID,
            isReader: true)
        defer { connection.close() }
        return try connection.read { connection in
            try connection.first("SELECT indexed_through, documents, identity FROM progress") {
                IndexFile.Progress(
                    indexedThrough: $0.integer(0), documents: Int($0.integer(1)), identity: $0.text(2))
            }
        }
    }

    fileprivate func compare(
        _ text: String, _ scope: SearchScope = .text, _ account: AccountID = ann
    ) async throws -> Comparison? {
        guard let answer = await store.search.answer(Needle(text), in: scope, of: account) else { return nil }
        var comparison = Comparison()
        for message in try await store.search.mail.messages(of: account.rawValue, after: 0, limit: 10_000) {
            let body = try #require(message.body)
            let parsed = MIME.Message(parsing: try await store.octets(of: body))
            let needle = Needle(text)
            let isInHeader =
                SearchText.holds(needle, in: parsed.header)
                || SearchText.holds(needle, in: Header(parsing: message.prefix))
            let isInBody = SearchText.bodyHolds(needle, in: parsed)
            let truth =
                switch scope {
                case .header: isInHeader
                case .body: isInBody
                case .text: isInHeader || isInBody
                }
            switch answer.verdict(message.id) {
            case true?: comparison.hits.append(message.id)
            case false?: comparison.misses.append(message.id)
            case nil: comparison.unknown.append(message.id)
            }
            if let verdict = answer.verdict(message.id), verdict != truth { comparison.wrong.append(message.id) }
        }
        return comparison
    }

    func deliverMail(_ octets: String, prefix: String = "", to account: AccountID = ann) async throws -> Int64 {
        let staged = try await store.stage(ByteBuffer(string: octets.replacing("\n", with: "\r\n")))
        let copy = LocalCopy(account: account, prefix: ByteBuffer(string: prefix.replacing("\n", with: "\r\n")))
        return try await store.deliver(staged, to: [copy]).copies[0].messageID
    }
}

@Suite("The search index")
struct SearchIndexTests {
    @Test("words and parts of words are found in header and body, each in its scope, the own lines in the header")
    func scopes() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let first = try await test.deliverMail("Subject: Apple pie\n\nPlums", prefix: "Delivered-To: ann@here\n")
            let second = try await test.deliverMail("Subject: Pears\n\nAn APPLEtree")
            await test.startSearch()
            for (text, scope, hits) in [
                ("apple", .text, [first, second]), ("ppl", .header, [first]), ("appletree", .body, [second]),
                ("delivered", .header, [first]), ("plum", .body, [first]), ("nothing", .text, []),
            ] as [(String, SearchScope, [Int64])] {
                let found = try #require(try await test.compare(text, scope))
                #expect(found.hits == hits && found.unknown.isEmpty && found.wrong.isEmpty, "\(text)")
            }
            let phrase = try #require(try await test.compare("apple pie"))
            #expect(phrase.hits.isEmpty && phrase.unknown == [first] && phrase.misses == [second])
            #expect(try await test.compare("--") == nil)
            await test.closeSearch()
        }
    }

    @Test(
        "mail that came after is unknown until its turn; a message that another account has is not in this one's file")
    func tail() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            try await test.deliver("one")
            try await test.deliver("both", to: [TestStore.ann, TestStore.bob])
            await test.startSearch()
            let late = try await test.deliverMail("Subject: late\n\nlate")
            let found = try #require(try await test.compare("late"))
            #expect(found.unknown == [late] && found.misses.count == 2)
            await test.store.search.catchUp()
            #expect(try #require(try await test.compare("late")).hits == [late])
            #expect(try #require(try await test.compare("one", .text, TestStore.bob)).misses.count == 1)
            #expect(try test.progress(TestStore.bob)?.documents == 1)
            await test.closeSearch()
        }
    }

    @Test("before it is started and after it is stopped the index says nothing")
    func stopped() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            _ = try await test.deliverMail("Subject: a\n\na")
            #expect(try await test.compare("a") == nil)
            await test.startSearch()
            #expect(try await test.compare("a") != nil)
            await test.store.search.stop()
            #expect(try await test.compare("a") == nil)
            await test.close()
        }
    }

    @Test("a message past the bounds is known by what was read of it, and by nothing else")
    func bounds() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let filler = String(repeating: "filler text of a long letter\n", count: 1 + IndexBatch.textOctetsMax / 29)
            let long = try await test.deliverMail("Subject: early\n\nfirst \(filler) last")
            let words = (0...IndexBatch.termsMax).map { String($0, radix: 36) }.joined(separator: " ")
            let wordy = try await test.deliverMail("Subject: early\n\n\(words) last")
            let whole = try await test.deliverMail("Subject: early\n\nlast")
            let own = try await test.deliverMail("Subject: early\n\nlast", prefix: "Subject: own\n")
            await test.startSearch()
            let early = try #require(try await test.compare("early"))
            #expect(early.hits == [long, wordy, whole, own] && early.wrong.isEmpty)
            let last = try #require(try await test.compare("last", .body))
            #expect(last.hits == [whole, own] && last.unknown == [long, wordy])
            let none = try #require(try await test.compare("nowhere"))
            #expect(none.misses == [whole, own] && none.unknown == [long, wordy])
            await test.closeSearch()
        }
    }

    @Test("long terms are found by needles up to half their pieces, and longer needles are looked up")
    func longTerms() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            let term = (0..<900).map { "\($0)x" }.joined()
            let message = try await test.deliverMail("Subject: x\n\n\(term)")
            await test.startSearch()
            let octets = Array(term.utf8)
            for start in stride(from: 0, to: octets.count - 140, by: 97) {
                for (count, isProof) in [(3, true), (128, true), (129, false), (140, false)] {
                    let needle = String(decoding: octets[start..<start + count], as: UTF8.self)
                    let found = try #require(try await test.compare(needle, .body))
                    #expect(
                        found.wrong.isEmpty && (isProof ? found.hits : found.unknown) == [message], "\(start) \(count)")
                }
            }
            await test.closeSearch()
        }
    }

    @Test("opened again it goes on where it was; damaged, cut, of another version or of other mail it is made anew")
    func files() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            for index in 0..<40 { try await test.deliver("word\(index)") }
            await test.startSearch()
            await test.closeSearch()
            let path = TestStore.path(folder)
            let whole = try Data.read(path)
            #expect(access(path + "-wal", F_OK) != 0, "the WAL is gone once all is closed")
            for damage in Damage.all {
                try damage.apply(path, whole)
                test = try await TestStore(folder)
                test.store.search.start()
                // Whatever was in the file now: no wrong answer, and no failure.
                for text in ["word7", "word", "nowhere"] {
                    if let found = try await test.compare(text) {
                        #expect(found.wrong.isEmpty, "\(damage.name): \(text)")
                    }
                }
                await test.store.search.catchUp()
                let found = try #require(try await test.compare("word7"), "\(damage.name)")
                #expect(found.hits.count == 1 && found.wrong.isEmpty && found.unknown.isEmpty, "\(damage.name)")
                await test.closeSearch()
            }
        }
    }

    @Test("killed with mail indexed and not: the next start takes what was committed, and goes on")
    func killed() async throws {
        try await withFolder { folder in
            mkdir(folder + "/live", 0o700)
            let live = try await TestStore(folder + "/live")
            live.store.search.start()
            for start in [0, 40] {
                for index in start..<start + 40 { try await live.deliver("word\(index)") }
                await live.store.search.catchUp()
                // The file is open from now on, so that nobody moves the WAL into it.
                _ = try await live.compare("word")
            }
            for index in 80..<90 { try await live.deliver("word\(index)") }
            #expect(try #require(try await live.compare("word5")).unknown.count == 10)
            #expect(access(TestStore.path(folder + "/live") + "-wal", F_OK) == 0, "nothing is in the file itself yet")
            // Nobody writes now: what a kill leaves.
            Folder.copy(folder + "/live", to: folder + "/killed")
            await live.closeSearch()

            let next = try await TestStore(folder + "/killed")
            next.store.search.start()
            let before = try #require(try await next.compare("word5"))
            #expect(before.wrong.isEmpty && before.unknown.count == 10 && before.hits.count == 11)
            await next.store.search.catchUp()
            let after = try #require(try await next.compare("word8"))
            #expect(after.wrong.isEmpty && after.unknown.isEmpty && after.hits.count == 11)
            await next.closeSearch()
        }
    }

    @Test("removed under the running server it is made anew")
    func removed() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<3 { try await test.deliver("word\(index)") }
            await test.startSearch()
            #expect(try #require(try await test.compare("word1")).hits.count == 1)
            unlink(TestStore.path(folder))
            #expect(try await test.compare("word1") == nil)
            await test.store.search.catchUp()
            #expect(try #require(try await test.compare("word1")).hits.count == 1)
            await test.closeSearch()
        }
    }

    @Test("a quarter of it erased: made anew without that; expunged mail that can be brought back stays in it")
    func weeding() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<40 { try await test.deliver("word\(index)") }
            await test.startSearch()
            let inbox = try await test.inbox()
            _ = try await test.store.expunge(mailbox: inbox.id, uids: [1...9], onlyDeleted: false)
            await test.store.search.catchUp()
            try await test.store.purgeKept(retentionDays: 0, now: Clock.now() + 60)
            await test.store.search.catchUp()
            #expect(try test.progress()?.documents == 40)
            _ = try await test.store.expunge(mailbox: inbox.id, uids: [10...20], onlyDeleted: false)
            await test.store.search.catchUp()
            #expect(try test.progress()?.documents == 40)
            let kept = try await test.store.keptMessages(of: TestStore.ann)
            _ = try await test.store.bringBack(kept.map(\.key).dropLast(), account: TestStore.ann)
            #expect(try #require(try await test.compare("word3")).unknown.isEmpty)
            try await test.store.purgeKept(retentionDays: 0, now: Clock.now() + 60)
            await test.store.search.catchUp()
            #expect(try test.progress()?.documents == 30)
            let found = try #require(try await test.compare("word3"))
            #expect(found.wrong.isEmpty && found.unknown.isEmpty && found.hits.count == 10)
            await test.closeSearch()
        }
    }

    @Test("copies do not hide that a quarter of it is gone")
    func weedingBesideCopies() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            for index in 0..<40 { try await test.deliver("word\(index)") }
            await test.startSearch()
            let inbox = try await test.inbox()
            let archive = try await test.store.mailbox(of: TestStore.ann, named: "Archive")
            _ = try await test.store.copy(from: inbox.id, uids: [1...20], to: archive.id, account: TestStore.ann)
            await test.store.search.catchUp()
            _ = try await test.store.expunge(mailbox: inbox.id, uids: [21...30], onlyDeleted: false)
            try await test.store.purgeKept(retentionDays: 0, now: Clock.now() + 60)
            await test.store.search.catchUp()
            #expect(try test.progress()?.documents == 30)
            await test.closeSearch()
        }
    }

    @Test("an account's file goes with it, while it runs and when it was removed before")
    func removedAccounts() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            for account in [TestStore.ann, TestStore.bob] { try await test.deliver("word", to: [account]) }
            await test.startSearch()
            try await test.database.write { [store = test.store] in try store.removeAccount(TestStore.ann, in: $0) }
            await test.store.search.catchUp()
            #expect(Folder.names(folder + "/search").filter { $0.hasSuffix(".db") } == ["2.db"])
            await test.store.search.stop()
            try await test.database.write { [store = test.store] in try store.removeAccount(TestStore.bob, in: $0) }
            await test.close()
            test = try await TestStore(folder)
            await test.startSearch()
            #expect(Folder.names(folder + "/search").isEmpty)
            await test.closeSearch()
        }
    }

    @Test("an older mail.db put back and accepted: no search file is left that knows of more")
    func olderIndex() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            try await test.deliver("one")
            try await test.database.copy(to: folder + "/older.db")
            for index in 0..<40 { try await test.deliver("lost\(index)") }
            await test.startSearch()
            await test.closeSearch()
            #expect(access(TestStore.path(folder), F_OK) == 0)
            for name in ["mail.db-wal", "mail.db-shm"] { unlink(folder + "/" + name) }
            Folder.copy(folder + "/older.db", to: folder + "/mail.db")
            test = try await TestStore(folder) { $0.acceptOlderIndex = true }
            #expect(access(TestStore.path(folder), F_OK) != 0)
            for index in 0..<40 { try await test.deliver("new\(index)") }
            await test.startSearch()
            let found = try #require(try await test.compare("new"))
            #expect(found.hits.count == 40 && found.wrong.isEmpty && found.unknown.isEmpty)
            #expect(try #require(try await test.compare("lost")).hits.isEmpty)
            await test.closeSearch()
        }
    }

    @Test("a file that knows of mail which has not come yet is made anew")
    func fromTheFuture() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            for index in 0..<4 { try await test.deliver("word\(index)") }
            await test.startSearch()
            await test.closeSearch()
            let file = try DerivedFile(
                path: TestStore.path(folder), chapter: IndexSchema.chapter, applicationID: IndexSchema.applicationID,
                isReader: false)
            _ = try file.write { try $0.execute("UPDATE progress SET indexed_through = indexed_through + 100") }
            file.close()
            test = try await TestStore(folder)
            try await test.deliver("word4")
            await test.startSearch()
            #expect(try #require(try await test.compare("word")).hits.count == 5)
            await test.closeSearch()
        }
    }

    @Test(
        "check tells of damaged files and reads all of each; repair removes them, or has the running server make them anew"
    )
    func checked() async throws {
        try await withFolder { folder in
            var test = try await TestStore(folder)
            for index in 0..<40 { try await test.deliver("word\(index)") }
            await test.startSearch()
            #expect(try await test.store.check() == [])
            #expect(try await test.store.repair() == [])
            await test.closeSearch()
            let path = TestStore.path(folder)
            let whole = try Data.read(path)
            for damage in Damage.all where !["nothing", "deleted", "other mail"].contains(damage.name) {
                try damage.apply(path, whole)
                test = try await TestStore(folder)
                let findings = try await test.store.check()
                #expect(findings.count == 1 && findings[0].hasPrefix("search/1.db: "), "\(damage.name)")
                let done = try await test.store.repair()
                #expect(done.count == 1, "\(damage.name): \(done)")
                #expect(access(path, F_OK) != 0, "\(damage.name)")
                #expect(try await test.store.check() == [], "\(damage.name)")
                await test.closeSearch()
            }
            try Damage.all[4].apply(path, whole)
            test = try await TestStore(folder)
            test.store.search.start()
            _ = try await test.store.repair()
            await test.store.search.catchUp()
            #expect(try await test.store.check() == [])
            #expect(try #require(try await test.compare("word")).hits.count == 40)
            await test.closeSearch()
        }
    }

    @Test("near the disk's reserve nothing is indexed; searches go on without, and it goes on when there is room")
    func nearReserve() async throws {
        try await withFolder { folder in
            let free = FreeOctets()
            var layer = FileLayer.system
            layer.freeOctets = { _ in free.value.load(ordering: .relaxed) }
            let test = try await TestStore(folder, layer: layer) { $0.reserveOctets = 1_000_000 }
            let message = try await test.deliverMail("Subject: word\n\nword")
            free.value.store(1_900_000, ordering: .relaxed)
            test.store.disk.look()
            await test.startSearch()
            #expect(try await test.compare("word") == nil)
            free.value.store(3_000_000, ordering: .relaxed)
            test.store.disk.look()
            await test.store.search.catchUp()
            #expect(try #require(try await test.compare("word")).hits == [message])
            await test.closeSearch()
        }
    }

    @Test("many batches are merged, and all of them is found still")
    func merging() async throws {
        try await withFolder { folder in
            let test = try await TestStore(folder)
            test.store.search.start()
            for batch in 0..<70 {
                _ = try await test.deliverMail("Subject: batch\(batch)\n\ncommon words \(batch % 7)seventh")
                await test.store.search.catchUp()
            }
            let segments = try DerivedFile(
                path: TestStore.path(folder), chapter: IndexSchema.chapter, applicationID: IndexSchema.applicationID,
                isReader: true
            ).read { try $0.integer("SELECT count(*) FROM segment") }
            #expect((segments ?? 0) < 3 * Int64(SegmentLevels.fanOut))
            for (text, count) in [("common", 70), ("3seventh", 10), ("batch69", 1), ("batch6", 11), ("ommo", 70)] {
                let found = try #require(try await test.compare(text))
                #expect(found.hits.count == count && found.wrong.isEmpty && found.unknown.isEmpty, "\(text)")
            }
            await test.closeSearch()
        }
    }
}

private final class FreeOctets: Sendable {
    let value = Atomic<Int64>(1_000_000_000)
}

/// Octets of files.
private enum Data {
    static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return octets }
            octets += buffer[..<count]
        }
    }

    static func write(_ path: String, _ octets: [UInt8]) throws {
        let file = try #require(fopen(path, "w"))
        fwrite(octets, 1, octets.count, file)
        fclose(file)
    }
}

/// Something that happens to a file while nothing runs.
private struct Damage: Sendable {
    var name: String
    var apply: @Sendable (_ path: String, _ whole: [UInt8]) throws -> Void

    static let all = [
        Damage(name: "nothing") { try Data.write($0, $1) },
        Damage(name: "deleted") { path, _ in unlink(path) },
        Damage(name: "empty") { path, _ in try Data.write(path, []) },
        Damage(name: "noise") { path, whole in try Data.write(path, whole.map { $0 ^ 0x5a }) },
        Damage(name: "cut") { path, whole in try Data.write(path, Array(whole.prefix(whole.count / 2))) },
        Damage(name: "pages of zeros") { path, whole in
            var octets = whole
            for index in 8_192..<whole.count { octets[index] = 0 }
            try Data.write(path, octets)
        },
        Damage(name: "another version") { path, whole in
            try Data.write(path, whole)
            try change(path) { try $0.execute("UPDATE schema_version SET version = 99") }
        },
        Damage(name: "other mail") { path, whole in
            try Data.write(path, whole)
            try change(path) { try $0.execute("UPDATE progress SET identity = 'x'") }
        },
        Damage(name: "a list of terms that makes no sense") { path, whole in
            try Data.write(path, whole)
            try change(path) { try $0.execute("UPDATE term_block SET terms = ?", .blob(Array("word7word".utf8))) }
        },
        Damage(name: "lists of rows that are missing") { path, whole in
            try Data.write(path, whole)
            try change(path) { try $0.execute("DELETE FROM row_piece") }
        },
        Damage(name: "documents that do not add up") { path, whole in
            try Data.write(path, whole)
            try change(path) { try $0.execute("UPDATE progress SET documents = documents + 1") }
        },
    ]

    private static func change(_ path: String, _ body: (WriteTransaction) throws -> Int) throws {
        let file = try DerivedFile(
            path: path, chapter: IndexSchema.chapter, applicationID: IndexSchema.applicationID, isReader: false)
        defer { file.close() }
        try #require(try file.write(body) > 0)
    }
}
