import MailCore
import NIOCore
import Testing

@testable import IMAP

/// Values of the later extensions, one by one.
@Suite struct ExtensionGrammarTests {
    @Test(
        "RFC 9394 §3.1: a range of results counts from either end, and holds what there is of it",
        arguments: [
            (PartialRange(1, 3), 5, 0..<3), (PartialRange(3, 1), 5, 0..<3), (PartialRange(4, 9), 5, 3..<5),
            (PartialRange(6, 9), 5, 0..<0), (PartialRange(1, 1, isFromEnd: true), 5, 4..<5),
            (PartialRange(1, 3, isFromEnd: true), 5, 2..<5), (PartialRange(3, 9, isFromEnd: true), 5, 0..<3),
            (PartialRange(6, 9, isFromEnd: true), 5, 0..<0), (PartialRange(1, .max), 0, 0..<0),
            (PartialRange(1, .max, isFromEnd: true), 2, 0..<2),
        ])
    func partial(_ range: PartialRange, _ count: Int, _ places: Range<Int>) {
        #expect(range.places(among: count) == places)
    }

    static let bounded: [(String, Int, @Sendable (Int) -> String)] = [
        ("entries", 64, { "GETMETADATA INBOX (\(words($0, "/private/e")))" }),
        ("notes", 64, { "SETMETADATA INBOX (\(words($0, "/private/e", " NIL")))" }),
        ("octets of an entry", 255, { "GETMETADATA INBOX /private/\(String(repeating: "x", count: $0 - 9))" }),
        ("event groups", 16, { "NOTIFY SET\(String(repeating: " (PERSONAL NONE)", count: $0))" }),
        (
            "mailboxes", 256,
            { "NOTIFY SET (MAILBOXES (\(words(200, "a"))) NONE) (SUBTREE (\(words($0 - 200, "b"))) NONE)" }
        ),
        ("searches", 32, { "CANCELUPDATE\(String(repeating: " \"a\"", count: $0))" }),
    ]

    private static func words(_ count: Int, _ start: String, _ end: String = "") -> String {
        (0..<count).map { "\(start)\($0)\(end)" }.joined(separator: " ")
    }

    @Test(
        "RFC 5464, 5465, 5267: what may be named in one command, at the bound and one past it",
        arguments: bounded.indices)
    func bounds(_ index: Int) {
        let (what, max, command) = Self.bounded[index]
        for more in [0, 1] {
            var session = BoundsTests.session(.selected(readOnly: false))
            var output = ByteBuffer()
            var input = ByteBuffer(string: "a \(command(max + more))\r\n")
            let step = session.advance(&input, into: &output)
            let isTaken = if case .perform = step { true } else { false }
            #expect(isTaken == (more == 0), "\(what) \(String(buffer: output))")
            #expect(String(buffer: output).hasPrefix(more == 0 ? "" : "a BAD More than \(max) in "))
        }
    }

    @Test(
        "RFC 5256 §4: threads as lists in lists",
        arguments: [
            ([ThreadNode(number: 2)], [0], "(2)"),
            (
                [
                    ThreadNode(number: 3, children: [1]), ThreadNode(number: 6, children: [2, 4]),
                    ThreadNode(number: 4, children: [3]), ThreadNode(number: 23),
                    ThreadNode(number: 44, children: [5]), ThreadNode(number: 7, children: [6]),
                    ThreadNode(number: 96), ThreadNode(number: 2),
                ], [7, 0], "(2)(3 6 (4 23)(44 7 96))"
            ),
            (
                [ThreadNode(number: nil, children: [1, 2]), ThreadNode(number: 3), ThreadNode(number: 5)], [0],
                "((3)(5))"
            ),
        ] as [([ThreadNode], [Int], String)])
    func threads(_ nodes: [ThreadNode], _ roots: [Int], _ expected: String) {
        var output = ByteBuffer()
        output.writeThreads(roots, of: nodes)
        #expect(String(buffer: output) == "* THREAD \(expected)\r\n")
    }

    @Test("a thread of 100,000 messages, each below the last, needs no depth")
    func deepThread() {
        let nodes = (0..<100_000).map { ThreadNode(number: 1, children: $0 < 99_999 ? [$0 + 1] : []) }
        var output = ByteBuffer()
        output.writeThreads([0], of: nodes)
        #expect(output.readableBytes == 9 + 1 + 2 * 100_000 + 2)
        let branched = (0..<100_000).map { index in
            ThreadNode(number: 1, children: index % 2 == 0 && index + 2 < 100_000 ? [index + 1, index + 2] : [])
        }
        output.clear()
        output.writeThreads([0], of: branched)
        #expect(String(buffer: output).count { $0 == "(" } == String(buffer: output).count { $0 == ")" })
    }

    @Test("RFC 5092 §6: URLs of messages, and what is none")
    func urls() throws {
        let whole = try #require(MessageURL("/INBOX;UIDVALIDITY=785799047/;UID=113330/;section=1.5.9"))
        #expect(whole.mailbox == .inbox && whole.uidValidity == 785_799_047 && whole.uid == 113_330)
        #expect(whole.section == SectionSpec(path: [1, 5, 9]))
        let encoded = try #require(MessageURL("/Entw%C3%BCrfe/a%20b/;uid=5/;PARTIAL=3.7"))
        #expect(encoded.mailbox?.text == "Entwürfe/a b" && encoded.partial == Partial(offset: 3, count: 7))
        #expect(try #require(MessageURL(";UID=20")).mailbox == nil)
        #expect(
            try #require(MessageURL("/;UID=20/;SECTION=HEADER.FIELDS%20(To%20Cc)")).section.text
                == .headerFields(["To", "Cc"]))
        for wrong in [
            "", "/", "/INBOX", "/INBOX/;UID=0", "/INBOX/;UID=x", "//host/INBOX/;UID=1", "imap://h/INBOX/;UID=1",
            "/INBOX;UIDVALIDITY=x/;UID=1", "/IN%ZZBOX/;UID=1", "/INBOX/;UID=1/;SECTION=NOTHING", "/INBOX/;UID=1/x",
            "INBOX/;UID=1", "/%FF/;UID=1", "/INBOX/;UID=1/;PARTIAL=x",
        ] {
            #expect(MessageURL(wrong) == nil, "\(wrong)")
        }
    }

    @Test("RFC 5255 §3.5: the language that a range names")
    func languages() {
        #expect(ServerSession.language(for: ["fr-ca", "en-ca"]) == "en")
        #expect(ServerSession.language(for: ["*"]) == "i-default")
        #expect(ServerSession.language(for: ["de", "english"]) == nil)
    }
}
