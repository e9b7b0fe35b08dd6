import Testing

@testable import Control

@Suite("Reports as text and as JSON")
struct ReportTests {
    let table = Report(
        "mailboxes",
        columns: [
            .init("address", "ADDRESS"), .init("messages", "MESSAGES", .integer), .init("octets", "SIZE", .octets),
            .init("isEnabled", "ENABLED", .boolean), .init("createdAt", "CREATED", .time),
        ],
        rows: [["a@b.test", "12", "1536", "true", "0"], ["long@b.test", "3", nil, "false", "1795467845"]])

    @Test("Columns line up, numbers to the right")
    func text() {
        #expect(
            table.text == """
                ADDRESS      MESSAGES     SIZE  ENABLED  CREATED
                a@b.test           12  1.5 KiB  yes      1970-01-01T00:00:00Z
                long@b.test         3        -  no       2026-11-23T21:04:05Z

                """)
    }

    @Test("JSON keeps numbers, booleans and nothing apart")
    func json() {
        #expect(
            Outcome("", reports: [table]).json == """
                [{"address": "a@b.test", "messages": 12, "octets": 1536, "isEnabled": true, \
                "createdAt": "1970-01-01T00:00:00Z"},
                 {"address": "long@b.test", "messages": 3, "octets": null, "isEnabled": false, \
                "createdAt": "2026-11-23T21:04:05Z"}]
                """)
    }

    @Test("An empty table is an empty array, and no text")
    func empty() {
        let report = Report("domains", columns: [.init("name", "DOMAIN")], rows: [])
        #expect(Outcome("", reports: [report]).json == "[]")
        #expect(report.text == "")
    }

    @Test("A record is shown downwards and is one object")
    func record() {
        let report = Report(
            "mailbox", record: [(.init("address", "Address"), "a@b.test"), (.init("octets", "Size", .octets), "9")])
        #expect(report.text == "Address: a@b.test\nSize:    9 B\n")
        #expect(
            Outcome("", reports: [report, table]).json.hasPrefix(
                "{\"mailbox\": {\"address\": \"a@b.test\", \"octets\": 9},"))
    }

    @Test("A change without a report says its sentence; quotes and control characters are escaped")
    func message() {
        #expect(Outcome("Added \"a\\b\"\n\u{1b}.").json == "{\"message\": \"Added \\\"a\\\\b\\\"\\n\\u001b.\"}")
    }

    @Test("What a stranger wrote cannot drive the terminal")
    func controls() {
        let report = Report("q", columns: [.init("reply", "REPLY")], rows: [["550 \u{1b}[2Jgone\u{202e}\u{9b}"]])
        #expect(report.text == "REPLY\n550 ?[2Jgone??\n")
    }

    static let sizes: [(Int64, String)] = [
        (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1 << 20, "1.0 MiB"), (Int64(5) << 40, "5.0 TiB"),
    ]

    @Test("Octets carry a unit", arguments: sizes)
    func octets(_ count: Int64, _ text: String) {
        #expect(Report.octets(count) == text)
    }

    @Test("A failure names what was tried, what stood in the way and what to do next")
    func failure() {
        let failure = Failure(.notFound, "no-such-domain", tried: "list", obstacle: "no such domain", next: "Add it.")
        #expect(failure.description == "Could not list: no such domain.\nAdd it.")
        #expect(
            failure.json
                == #"{"error": {"code": 3, "word": "no-such-domain", "tried": "list", "obstacle": "no such domain", "next": "Add it."}}"#
        )
    }
}
