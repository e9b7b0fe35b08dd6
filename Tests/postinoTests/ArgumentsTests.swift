import Control
import Testing

@testable import postino

@Suite("Arguments and files of the commands")
struct ArgumentsTests {
    static let leading: [([String], [String])] = [
        (["--state", "/s", "domain", "list"], ["domain", "list", "--state", "/s"]),
        (["--state=/s", "status"], ["status", "--state=/s"]),
        (["--config", "f", "alias", "add", "a@b", "--", "-x"], ["alias", "add", "a@b", "--config", "f", "--", "-x"]),
        (["domain", "list", "--state", "/s"], ["domain", "list", "--state", "/s"]),
        (["--state"], ["--state"]), (["--help"], ["--help"]), ([], []),
    ]

    @Test("--state and --config may stand in front of the noun", arguments: leading)
    func leadingOptions(_ given: [String], _ expected: [String]) {
        #expect(LeadingOptions.movedBehind(given) == expected)
    }

    @Test("A list of mailboxes has an address a line, with or without a password")
    func mailboxList() throws {
        let text = "# people\nann@here.test pw1\r\n\n  bob@here.test\t pass with blanks \ncat@here.test\n#x@y z"
        let list = try MailboxList(Array(text.utf8), name: "list")
        #expect(list.entries.map(\.address) == ["ann@here.test", "bob@here.test", "cat@here.test"])
        #expect(list.entries.map(\.password) == ["pw1", "pass with blanks ", nil])
        #expect(try MailboxList([], name: "list").entries.isEmpty)
    }

    @Test("A line that is none is named by its number", arguments: ["a@b\nann", "a@b\nnobody pw\nc@d"])
    func badList(_ text: String) {
        let failure = #expect(throws: Failure.self) { try MailboxList(Array(text.utf8), name: "list") }
        #expect(failure?.tried == "read line 2 of list")
        #expect(failure?.code == .usage)
    }

    @Test("A list that is not UTF-8 is refused")
    func badOctets() {
        #expect(throws: Failure.self) { try MailboxList([0x61, 0x40, 0xff], name: "list") }
    }

    static let corpora: [(String, [String])] = [
        ("A: b\r\n\r\nbody\r\n", ["A: b\r\n\r\nbody\r\n"]),
        ("A: b\n\n>From x\n", ["A: b\r\n\r\n>From x\r\n"]),
        ("A: b\n\nno end", ["A: b\r\n\r\nno end\r\n"]),
        (
            "From a@b Mon\nA: 1\n\n>From me\n>>From you\nFrom here\n\nFrom c@d Tue\r\nA: 2\r\n\r\nx\r\n",
            ["A: 1\r\n\r\nFrom me\r\n>From you\r\nFrom here\r\n\r\n", "A: 2\r\n\r\nx\r\n"]
        ),
        ("From a@b Mon\n", []), ("", [""]),
    ]

    @Test("A file is one message, an mbox (RFC 4155) its messages, with CR LF at each line's end", arguments: corpora)
    func corpus(_ text: String, _ expected: [String]) {
        let messages = Corpus.messages(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
        #expect(messages == (text.isEmpty ? ["\r\n"] : expected))
    }
}
