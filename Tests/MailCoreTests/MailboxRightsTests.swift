import Testing

@testable import MailCore

@Suite struct MailboxRightsTests {
    static let texts: [(String, String?)] = [
        ("", ""), ("lrs", "lrs"), ("slr", "lrs"), ("llrr", "lr"), ("lrswipkxtea", "lrswipkxtea"),
        // RFC 4314 §2.1.1: c is k and x, d is t and e.
        ("c", "kx"), ("d", "te"), ("cda", "kxtea"), ("q", nil), ("lR", nil), ("l r", nil), ("5", nil),
    ]

    @Test("letters become rights, and one that is none makes all of them nothing (RFC 4314 §3.1)", arguments: texts)
    func reads(_ text: String, _ expected: String?) {
        #expect(MailboxRights(letters: text)?.text == expected)
    }

    static let told = [
        ("lr", "lr"), ("k", "kc"), ("x", "xc"), ("t", "td"), ("te", "ted"), ("lrswipkxtea", "lrswipkxteacd"),
    ]

    @Test("responses tell c and d where any right is held that took their place (RFC 4314 §2.1.1)", arguments: told)
    func tells(_ letters: String, _ expected: String) {
        #expect(MailboxRights(letters: letters)?.textWithOldRights == expected)
    }

    static let flags: [(String, Flags, Flags)] = [
        ("s", [.seen, .deleted, .flagged], .seen), ("t", [.seen, .deleted, .flagged], .deleted),
        ("w", [.seen, .deleted, .flagged, Flags(rawValue: 1 << 62)], [.flagged, Flags(rawValue: 1 << 62)]),
        ("lri", [.seen, .deleted, .flagged], []), ("wst", [.seen, .pop3Deleted], .seen),
    ]

    @Test("which flags can be set with which rights (RFC 4314 §4)", arguments: flags)
    func limits(_ letters: String, _ asked: Flags, _ expected: Flags) throws {
        #expect(asked.intersection(try #require(MailboxRights(letters: letters)).flags) == expected)
    }
}
