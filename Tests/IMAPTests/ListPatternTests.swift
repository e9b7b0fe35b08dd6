import Testing

@testable import IMAP

@Suite struct ListPatternTests {
    @Test(
        "RFC 3501 §6.3.8: \"*\" matches anything, \"%\" anything but the delimiter",
        arguments: [
            ("*", "a/b/c", true), ("%", "a", true), ("%", "a/b", false), ("%", "", true), ("", "", true),
            ("", "a", false),
            ("a/%", "a/b", true), ("a/%", "a/b/c", false), ("a/*", "a/b/c", true), ("a/*", "a", false),
            ("a*", "a", true), ("%/%", "a/b", true), ("%/%", "a", false), ("*b", "a/b", true), ("*b", "a/bc", false),
            ("a%c", "abc", true), ("a%c", "a/c", false), ("a*c", "a/c", true), ("%a%b", "xaxbab", true),
            ("*a%b*", "a/xab/y", true), ("*a%b", "ab/a/b", false), ("%*", "a/b", true), ("*%", "a/b", true),
            ("**", "a", true), ("%%", "ab", true), ("inbox", "INBOX", true), ("inBox/%", "INBOX/a", true),
            ("Foo", "foo", false), ("a/b", "a/b", true), ("*/x", "a/b/x", true), ("%/x", "a/b/x", false),
            ("in%", "INBOX", true), ("i*", "INBOX/a", true), ("%box*", "INBOX", true), ("inboxes*", "INBOXES", false),
            ("in*/A", "INBOX/a", false), ("Entw%", "Entwürfe", true), ("%%/b", "a/b", true),
        ])
    func matches(_ pattern: String, _ name: String, _ expected: Bool) throws {
        #expect(try #require(ListPattern(pattern)).matches(name) == expected)
    }

    @Test("agrees with a plain recursive matcher (20,000 pairs, one seed)")
    func agrees() throws {
        var random = SplitMix(seed: 3)
        for _ in 0..<20_000 {
            let pattern = (0..<Int(random.next() % 7)).map { _ in Array("ab/*%")[Int(random.next() % 5)] }
            let name = (0..<Int(random.next() % 8)).map { _ in Array("ab/")[Int(random.next() % 3)] }
            let matched = try #require(ListPattern(String(pattern))).matches(String(name))
            #expect(matched == Self.plain(pattern[...], name[...]), "\(String(pattern)) \(String(name))")
        }
    }

    static func plain(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case "*", "%":
            if plain(rest, name) { return true }
            guard let next = name.first, first == "*" || next != "/" else { return false }
            return plain(pattern, name.dropFirst())
        default: return name.first == first && plain(rest, name.dropFirst())
        }
    }

    @Test("the bounds: 16 wildcards and 1,024 octets, and one past each; no pattern takes exponential time")
    func bounds() throws {
        let most = try #require(ListPattern(String(repeating: "%a", count: 16)))
        #expect(ListPattern(String(repeating: "%a", count: 17)) == nil)
        #expect(ListPattern(String(repeating: "%", count: 1_024)) != nil)
        #expect(ListPattern(String(repeating: "a", count: 1_025)) == nil)
        #expect(!most.matches(String(repeating: "a", count: 1_000) + "b"))
    }

    @Test("the reference stands before the pattern, unless that begins at the root")
    func reference() throws {
        #expect(try #require(ListPattern(reference: "a/", pattern: "%")).matches("a/b"))
        #expect(try #require(ListPattern(reference: "a/", pattern: "/b")).matches("b"))
        #expect(ListPattern("a/b")?.literalName == "a/b")
        #expect(ListPattern("a/%")?.literalName == nil)
        #expect(ListPattern("a/%")?.endsInLevelWildcard == true)
    }
}
