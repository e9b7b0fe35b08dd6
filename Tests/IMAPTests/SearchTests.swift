import MailCore
import NIOCore
import Testing

@testable import IMAP

@Suite struct SearchTests {
    static func day(_ year: Int, _ month: Int, _ day: Int) -> CalendarDate {
        CalendarDate(year: year, month: month, day: day) ?? CalendarDate(daysSince1970: 0)
    }

    static let keys: [(String, SearchKey)] = [
        ("ALL", .all),
        ("ANSWERED", .flag(.fixed(.answered))),
        ("UNDRAFT", .not(.flag(.fixed(.draft)))),
        ("NEW", .and([.recent, .not(.flag(.fixed(.seen)))])),
        ("old", .not(.recent)),
        ("KEYWORD $junk", .flag(.fixed(.junk))),
        ("UNKEYWORD work", .not(.flag(.keyword("work")))),
        ("1:4,7", .sequence(SequenceSet(1...4, 7...7))),
        ("UID *", .uid(SequenceSet(parts: [.init(first: .largest, last: .largest)]))),
        ("BEFORE 1-Feb-1994", .before(day(1994, 2, 1))),
        ("ON \"01-feb-1994\"", .on(day(1994, 2, 1))),
        ("SENTSINCE 29-Feb-2000", .sentSince(day(2000, 2, 29))),
        ("LARGER 4294967296", .larger(4_294_967_296)),
        ("SMALLER 0", .smaller(0)),
        ("FROM Smith", .from("Smith")),
        ("SUBJECT \"a \\\"b\\\"\"", .subject("a \"b\"")),
        ("HEADER Message-ID <x@y>", .header(name: "Message-ID", text: "<x@y>")),
        ("HEADER X-Foo \"\"", .header(name: "X-Foo", text: "")),
        ("NOT SEEN", .not(.flag(.fixed(.seen)))),
        ("OR BCC a CC b", .or(.bcc("a"), .cc("b"))),
        ("OR (TO a BODY b) NOT TEXT c", .or(.and([.to("a"), .body("b")]), .not(.text("c")))),
        ("ALL DELETED", .and([.all, .flag(.fixed(.deleted))])),
        ("CHARSET ISO-8859-1 SUBJECT \"\u{e9}\"", .subject("Ã©")),
        ("CHARSET utf-8 SUBJECT \"\u{e9}\"", .subject("é")),
        ("CHARSET \"ISO-8859-15\" SUBJECT a", .subject("a")),
    ]

    @Test("RFC 3501 §6.4.4: search-key", arguments: keys)
    func parses(_ written: String, _ key: SearchKey) {
        #expect(CommandTests.outcome("SEARCH \(written)") == .request(.search(Search(key))))
        #expect(CommandTests.outcome("UID SEARCH \(written)") == .request(.search(Search(key, byUID: true))))
    }

    @Test("RFC 3501 §6.4.4: text that is not of the charset named is no text")
    func charsets() {
        #expect(
            CommandTests.outcome("SEARCH CHARSET US-ASCII SUBJECT \"é\"")
                == .told("a BAD Expected text in US-ASCII at octet 34"))
        #expect(SearchCharset("ISO-8859-5")?.text([0xbc, 0xde, 0xdb]) == "Мол")
        #expect(SearchCharset("iso-8859-15")?.text([0xa4]) == "€")
        #expect(SearchCharset.unnamed.text([0xff]) == nil)
        #expect(SearchCharset("X-KLINGON") == nil)
    }

    @Test("the bounds: depth 50, 1,000 keys, text of 4,096 octets, and one past each")
    func bounds() {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "ALL" + String(repeating: ")", count: depth)
        }
        #expect(CommandTests.outcome("SEARCH \(nested(50))") == .request(.search(Search(.all))))
        #expect(CommandTests.outcome("SEARCH \(nested(51))") == .told("a BAD More than 50 in nested search-key"))
        let nots = String(repeating: "NOT ", count: 51)
        #expect(CommandTests.outcome("SEARCH \(nots)ALL") == .told("a BAD More than 50 in nested search-key"))
        func many(_ count: Int) -> String { Array(repeating: "ALL", count: count).joined(separator: " ") }
        #expect(
            CommandTests.outcome("SEARCH \(many(1_000))")
                == .request(.search(Search(.and(Array(repeating: .all, count: 1_000))))))
        #expect(CommandTests.outcome("SEARCH \(many(1_001))") == .told("a BAD More than 1000 in search-key"))
        let text = String(repeating: "x", count: 4_096)
        #expect(CommandTests.outcome("SEARCH BODY \(text)") == .request(.search(Search(.body(text)))))
        #expect(
            CommandTests.outcome("SEARCH BODY \(text)x") == .told("a BAD More than 4096 in octets of a search text"))
    }
}
