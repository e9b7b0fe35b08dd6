import Directory
import Glibc
import MailCore
import MessageStore
import NIOCore
import Testing

@testable import IMAPServer

@Suite("Commands that search, with the index", .serialized) struct IndexedCommandTests {
    private static let dialogue = """
        C: a1 SELECT INBOX
        C: a2 SEARCH TEXT score
        S: * SEARCH 20 40 60
        S: a2 OK SEARCH completed
        C: a3 UID SEARCH RETURN (SAVE COUNT) BODY SCORE
        S: * ESEARCH (TAG "a3") UID COUNT 3
        S: a3 OK UID SEARCH completed
        C: a4 SEARCH $
        S: * SEARCH 20 40 60
        S: a4 OK SEARCH completed
        C: a5 SORT (REVERSE SUBJECT) UTF-8 TEXT score
        S: * SORT 60 40 20
        S: a5 OK SORT completed
        C: a6 THREAD ORDEREDSUBJECT UTF-8 BODY score
        S: * THREAD (20)(40)(60)
        S: a6 OK THREAD completed
        C: a7 ESEARCH IN (personal) RETURN (ALL) OR TEXT score TEXT word7
        S: * ESEARCH (TAG "a7" MAILBOX INBOX UIDVALIDITY V) UID ALL 7,20,40,60
        S: a7 OK ESEARCH completed
        C: a8 SEARCH NOT BODY word FROM ann
        S: * SEARCH
        S: a8 OK SEARCH completed
        """

    @Test(
        "SEARCH, its SAVE, SORT, THREAD and MULTISEARCH ask the index: a word is found although no message can be read")
    func readNoMessage() async throws {
        try await Fixture.with { fixture in
            let store = fixture.services.store
            let address = EmailAddress(localPart: "ann", domain: "here.test")
            let account = try #require(try await fixture.services.registry.account(address)).account.id
            for index in 1...60 {
                let text = """
                    From: ann@here.test\r
                    Subject: n\(index)\r
                    \r
                    word\(index) and \(index % 20 == 0 ? "score" : "no such thing")\r

                    """
                let staged = try await store.stage(ByteBuffer(string: text))
                _ = try await store.deliver(staged, to: [LocalCopy(account: account)])
            }
            store.search.start()
            await store.search.catchUp()
            #expect(Self.emptySegments(of: store.options.directory) > 0)
            let dialogue = Dialogue(Self.dialogue)
            let played = try await dialogue.play(fixture.services)
            for (turn, wanted) in zip(played, dialogue.turns).dropFirst() {
                #expect(turn.expected == wanted.expected, "\(turn.said ?? "")")
            }
            // What the index cannot tell is looked up, and that fails now.
            let lookedUp = try await Dialogue("C: b1 SELECT INBOX\nC: b2 SEARCH TEXT \"and score\"").play(
                fixture.services)
            #expect(lookedUp.last?.expected.last?.hasPrefix("b2 NO") == true)
            await store.search.stop()
        }
    }

    /// Takes the octets of all messages away; returns of how many files.
    private static func emptySegments(of directory: String) -> Int {
        var count = 0
        for number in 0..<256 {
            let folder = "\(directory)/segments/" + (number < 16 ? "0" : "") + String(number, radix: 16)
            guard let entries = opendir(folder) else { continue }
            defer { closedir(entries) }
            while let entry = readdir(entries) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name.hasSuffix(".seg"), truncate(folder + "/" + name, 0) == 0 { count += 1 }
            }
        }
        return count
    }
}
