import MailCore
import NIOCore
import SASL
import Testing

@testable import IMAP

/// One command each way: what stands behind the tag, and the request that it is.
@Suite struct CommandTests {
    /// The request, or what the client is told.
    enum Outcome: Equatable {
        case request(ServerSession.Request)
        case told(String)
    }

    static func outcome(_ command: String) -> Outcome {
        var session = ServerSession(ServerConfiguration(), hasTLS: true)
        session.state = .selected(readOnly: false)
        var input = ByteBuffer(string: "a \(command)\r\n")
        var output = ByteBuffer()
        if case .perform(let request) = session.advance(&input, into: &output) { return .request(request) }
        return .told(String(buffer: output).split(separator: "\r\n").last.map(String.init) ?? "")
    }

    static let fetches: [(String, [FetchItem])] = [
        ("ALL", [.flags, .internalDate, .rfc822Size, .envelope]),
        ("fast", [.flags, .internalDate, .rfc822Size]),
        ("FULL", [.flags, .internalDate, .rfc822Size, .envelope, .body]),
        ("(UID RFC822.SIZE RFC822.HEADER)", [.uid, .rfc822Size, .rfc822Header]),
        ("RFC822", [.rfc822]),
        ("RFC822.TEXT", [.rfc822Text]),
        ("(flags Flags)", [.flags]),
        ("BODY", [.body]),
        ("BODYSTRUCTURE", [.bodyStructure]),
        ("BODY[]", [.section(.init(), partial: nil, peek: false)]),
        ("body.peek[]<0.2048>", [.section(.init(), partial: .init(offset: 0, count: 2_048), peek: true)]),
        ("BODY[TEXT]", [.section(.init(text: .text), partial: nil, peek: false)]),
        ("BODY[1]", [.section(.init(path: [1]), partial: nil, peek: false)]),
        ("BODY[1.2.MIME]", [.section(.init(path: [1, 2], text: .mime), partial: nil, peek: false)]),
        ("BODY[4.2.HEADER]", [.section(.init(path: [4, 2], text: .header), partial: nil, peek: false)]),
        (
            "BODY.PEEK[HEADER.FIELDS (DATE \"From\")]",
            [.section(.init(text: .headerFields(["DATE", "From"])), partial: nil, peek: true)]
        ),
        (
            "BODY[3.HEADER.FIELDS.NOT (Received)]<5.1>",
            [
                .section(
                    .init(path: [3], text: .headerFieldsNot(["Received"])), partial: .init(offset: 5, count: 1),
                    peek: false)
            ]
        ),
    ]

    @Test("RFC 3501 §6.4.5: fetch-att", arguments: fetches)
    func fetch(_ written: String, _ items: [FetchItem]) {
        #expect(Self.outcome("FETCH 1:2 \(written)") == .request(.fetch(Fetch(SequenceSet(1...2), items))))
    }

    @Test("RFC 3501 §6.4.8: UID FETCH tells the UID, asked or not")
    func uidFetch() {
        #expect(
            Self.outcome("UID FETCH 5 FLAGS")
                == .request(.fetch(Fetch(SequenceSet(5...5), [.uid, .flags], byUID: true))))
        #expect(
            Self.outcome("uid fetch 5 (FLAGS UID)")
                == .request(.fetch(Fetch(SequenceSet(5...5), [.uid, .flags], byUID: true))))
    }

    @Test("RFC 3501 §6.4.5: what marks a message as seen")
    func marksSeen() {
        #expect(FetchItem.rfc822.marksSeen && FetchItem.rfc822Text.marksSeen && !FetchItem.rfc822Header.marksSeen)
        #expect(FetchItem.section(.init(), partial: nil, peek: false).marksSeen)
        #expect(!FetchItem.section(.init(), partial: nil, peek: true).marksSeen && !FetchItem.envelope.marksSeen)
    }

    @Test("extensions' words")
    func extended() {
        #expect(
            Self.outcome("FETCH 1 (EMAILID PREVIEW (LAZY) SAVEDATE)")
                == .request(.fetch(Fetch(SequenceSet(1...1), [.emailID, .preview(lazy: true), .saveDate]))))
    }

    static let wrong = [
        ("FETCH 1 ()", "Expected fetch-att at octet 11"),
        ("FETCH 1 (ALL)", "Expected fetch-att at octet 11"),
        ("FETCH 1 BODY[", "Expected section-text at octet 15"),
        ("FETCH 1 BODY[1.]", "Expected section-text at octet 17"),
        ("FETCH 1 BODY[0]", "Expected nz-number at octet 15"),
        ("FETCH 1 BODY[]<0.0>", "Expected nz-number at octet 19"),
        ("FETCH 1 BODY[HEADER.FIELDS ()]", "Expected astring at octet 30"),
        ("FETCH 1  FLAGS", "Expected fetch-att at octet 10"),
        ("STORE 1 FLAGS (\\Recent)", "Expected flag that a client can set at octet 17"),
        ("STORE 1 FLAGS \\Foo", "Expected flag that a client can set at octet 16"),
        ("STORE 1 FLAGS.LOUD ()", "Expected SP at octet 15"),
        ("SEARCH", "Expected SP at octet 8"),
        ("SEARCH ()", "Expected search-key at octet 10"),
        ("SEARCH NOT", "Expected SP at octet 12"),
        ("SEARCH OR SEEN", "Expected SP at octet 16"),
        ("SEARCH SINCE 31-Feb-2020", "Expected date at octet 15"),
        ("SEARCH FOO", "Expected search-key at octet 9"),
        ("COPY 1", "Expected SP at octet 8"),
        ("LOGOUT now", "Expected CRLF at octet 8"),
        ("SELECT \"a", "Expected DQUOTE at octet 11"),
        ("SELECT \"a\\n\"", "Expected quoted-specials at octet 12"),
        ("ID (\"a\")", "Expected SP at octet 9"),
    ]

    @Test("what is not in the grammar gets BAD and says where", arguments: wrong)
    func refuses(_ command: String, _ text: String) { #expect(Self.outcome(command) == .told("a BAD \(text)")) }

    @Test("RFC 3501 §6.4.6: STORE")
    func store() {
        #expect(
            Self.outcome("STORE 2:4 +FLAGS (\\deleted $Junk work WORK)")
                == .request(
                    .store(StoreFlags(SequenceSet(2...4), .add, .init(fixed: [.deleted, .junk], keywords: ["work"])))))
        #expect(
            Self.outcome("UID STORE 7 -FLAGS.SILENT \\Seen \\Draft")
                == .request(
                    .store(
                        StoreFlags(
                            SequenceSet(7...7), .remove, .init(fixed: [.seen, .draft]), isSilent: true, byUID: true))))
        #expect(
            Self.outcome("STORE 1 FLAGS ()")
                == .request(.store(StoreFlags(SequenceSet(1...1), .replace, .init()))))
    }

    @Test("the bound on keywords: 64, and one past it")
    func keywords() {
        let names = (0..<65).map { "k\($0)" }
        #expect(
            Self.outcome("STORE 1 FLAGS (\(names.dropLast().joined(separator: " ")))")
                == .request(.store(StoreFlags(SequenceSet(1...1), .replace, .init(keywords: Array(names.dropLast()))))))
        #expect(
            Self.outcome("STORE 1 FLAGS (\(names.joined(separator: " ")))") == .told("a BAD More than 64 in keywords"))
    }

    @Test("bounds of lists, at the bound and one past it")
    func lists() {
        func path(_ depth: Int) -> String { Array(repeating: "1", count: depth).joined(separator: ".") }
        #expect(Self.outcome("FETCH 1 BODY[\(path(100))]") != .told("a BAD More than 100 in section-part"))
        #expect(Self.outcome("FETCH 1 BODY[\(path(101))]") == .told("a BAD More than 100 in section-part"))
        func fields(_ count: Int) -> String { Array(repeating: "x", count: count).joined(separator: " ") }
        #expect(
            Self.outcome("FETCH 1 BODY[HEADER.FIELDS (\(fields(256)))]")
                == .request(
                    .fetch(
                        Fetch(
                            SequenceSet(1...1),
                            [
                                .section(
                                    .init(text: .headerFields(Array(repeating: "x", count: 256))), partial: nil,
                                    peek: false)
                            ]))))
        #expect(
            Self.outcome("FETCH 1 BODY[HEADER.FIELDS (\(fields(257)))]") == .told("a BAD More than 256 in header-list"))
        func id(_ count: Int) -> String { Array(repeating: "\"a\" NIL", count: count).joined(separator: " ") }
        #expect(
            Self.outcome("ID (\(id(30)))") == .request(.id(Array(repeating: IDField("a", nil), count: 30))))
        #expect(Self.outcome("ID (\(id(31)))") == .told("a BAD More than 30 in id-params-list"))
    }

    @Test("names: CREATE drops a delimiter at the end, SELECT does not; raw UTF-8 is not modified UTF-7")
    func names() throws {
        #expect(Self.outcome("CREATE a/b/") == .request(.create(try #require(MailboxName("a/b")), [])))
        #expect(Self.outcome("SELECT a/") == .told("a NO [CANNOT] A level of a mailbox name cannot be empty"))
        #expect(Self.outcome("SELECT Entw&APw-rfe") == .request(.select(Select(try #require(MailboxName("Entwürfe"))))))
        #expect(
            Self.outcome("SELECT \"Entwürfe\"")
                == .told("a NO [CANNOT] A mailbox name is written in modified UTF-7 (RFC 3501 section 5.1.3)"))
    }

    @Test("a part of a section: what there is of it")
    func partial() {
        #expect(Partial(offset: 0, count: 10).range(in: 5) == 0..<5)
        #expect(Partial(offset: 3, count: 1).range(in: 5) == 3..<4)
        #expect(Partial(offset: 9, count: 4).range(in: 5) == 5..<5)
        #expect(Partial(offset: .max, count: .max).range(in: 5) == 5..<5)
        #expect(Partial(offset: 1, count: .max).range(in: 5) == 1..<5)
    }
}
