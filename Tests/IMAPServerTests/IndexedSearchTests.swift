import Directory
import IMAP
import MailCore
import MessageStore
import NIOCore
import Testing

@testable import IMAPServer

@Suite("SEARCH with the index", .serialized) struct IndexedSearchTests {
    @Test(
        "400 sequences at random of delivery, copies, expunges, undeletions and indexing: the same hits with the index and without (seed)"
    )
    func sameAsPlainScan() async throws {
        try await Fixture.with { fixture in
            let store = fixture.services.store
            let address = EmailAddress(localPart: "ann", domain: "here.test")
            let account = try #require(try await fixture.services.registry.account(address)).account.id
            store.search.start()
            var byIndex = 0
            for seed in UInt64(1)...400 {
                var sequence = try await Sequence(seed: seed, store: store, account: account)
                byIndex += try await sequence.run()
            }
            // Else it was the same scan twice.
            #expect(byIndex > 1_000)
            await store.search.stop()
        }
    }

    @Test(
        "the dialogues of SEARCH go as written when all is indexed",
        arguments: ["search.txt", "search-text.txt", "search-charset.txt"])
    func dialogues(_ name: String) async throws {
        var dialogue = Dialogue(try #require(DialogueTests.read(name)))
        try await Fixture.with { fixture in
            let store = fixture.services.store
            store.search.start()
            let appends = dialogue.turns.filter { $0.said?.contains("APPEND") == true }
            var before = dialogue
            before.turns = appends
            _ = try await before.play(fixture.services)
            await store.search.catchUp()
            dialogue.turns.removeAll { $0.said?.contains("APPEND") == true }
            let played = try await dialogue.play(fixture.services)
            for (turn, wanted) in zip(played, dialogue.turns) where turn.said?.contains("SEARCH") == true {
                #expect(turn.expected == wanted.expected, "\(turn.said ?? "")")
            }
            await store.search.stop()
        }
    }
}

/// One mailbox of an account that has many.
private struct Sequence {
    private let store: MessageStore
    private let account: AccountID
    private let mailbox: MailboxID
    private let other: MailboxID
    private let seed: UInt64
    private var random: RandomMail
    private var texts: [String] = []

    init(seed: UInt64, store: MessageStore, account: AccountID) async throws {
        self.seed = seed
        self.store = store
        self.account = account
        random = RandomMail(seed: seed)
        mailbox = try await store.createMailbox(account: account, name: "s\(seed)")
        other = try await store.mailbox(of: account, named: "Archive").id
    }

    /// How many messages the index decided on.
    mutating func run() async throws -> Int {
        var byIndex = 0
        for _ in 0..<(3 + random.below(8)) { try await step() }
        if random.below(2) == 0 { await store.search.catchUp() }
        for _ in 0..<6 { byIndex += try await compare() }
        return byIndex
    }

    private mutating func step() async throws {
        switch random.below(9) {
        case 0..<4:
            let text = random.mail()
            texts.append(text)
            let own = random.below(6) == 0 ? "Subject: \(random.one(of: RandomMail.words))\r\n" : "X-Own: alpha\r\n"
            let staged = try await store.stage(ByteBuffer(string: text))
            let copy = LocalCopy(
                account: account, target: .mailbox(mailbox), prefix: ByteBuffer(string: own),
                flags: random.below(2) == 0 ? .seen : [])
            _ = try await store.deliver(staged, to: [copy])
        case 4:
            // A message may stand in a mailbox twice.
            let to = random.below(2) == 0 ? mailbox : other
            _ = try await store.copy(from: mailbox, uids: [range()], to: to, account: account)
        case 5: _ = try await store.move(from: mailbox, uids: [range()], to: mailbox, account: account)
        case 6: _ = try await store.expunge(mailbox: mailbox, uids: [range()], onlyDeleted: false)
        case 7:
            let kept = try await store.keptMessages(of: account, limit: 3)
            _ = try await store.bringBack(kept.map(\.key), account: account)
        default: await store.search.catchUp()
        }
    }

    private mutating func range() -> ClosedRange<UInt32> {
        let first = UInt32(1 + random.below(8))
        return first...(first + UInt32(random.below(3)))
    }

    private mutating func compare() async throws -> Int {
        let view = try await store.uids(of: mailbox)
        let keywords = try await store.keywords(of: account)
        let key = searchKey(depth: 0)
        var found: [UIDRuns] = []
        for indexFrom in [0, Int.max] {
            let run = try SearchRun(
                key, store: store, account: account, mailbox: mailbox, view: view, keywords: keywords,
                indexFrom: indexFrom)
            found.append(try await run.perform())
        }
        #expect(found[0] == found[1], "seed \(seed): \(key)")
        guard let answer = await store.search.answer(Needle("nowhere"), in: .text, of: account) else { return 0 }
        let rows = try await store.summaries(of: mailbox, uids: 1...UInt32.max, limit: 100)
        return rows.count { answer.verdict($0.messageID) != nil }
    }

    private mutating func searchKey(depth: Int) -> SearchKey {
        let needle = random.needle(from: texts.isEmpty ? "" : random.one(of: texts))
        switch random.below(depth > 1 ? 8 : 12) {
        case 0, 1, 2: return .text(needle)
        case 3: return .body(needle)
        case 4: return .subject(needle)
        case 5: return .from(needle)
        case 6:
            return .header(name: random.one(of: ["X-Word", "x-own", "Cc"]), text: random.below(2) == 0 ? "" : needle)
        case 7: return random.one(of: [.flag(.fixed(.seen)), .larger(300), .smaller(400), .all])
        case 8: return .not(searchKey(depth: depth + 1))
        case 9: return .or(searchKey(depth: depth + 1), searchKey(depth: depth + 1))
        default: return .and([searchKey(depth: depth + 1), searchKey(depth: depth + 1)])
        }
    }
}
