import Testing

@testable import MessageStore

@Suite("Terms of the index")
struct TermTests {
    static func terms(_ text: String) -> [String] {
        var terms: [String] = []
        CaseFolding.folded(text).withUnsafeBytes { octets in
            _ = Terms.forEach(in: octets) {
                terms.append(String(decoding: $0, as: UTF8.self))
                return true
            }
        }
        return terms
    }

    @Test(
        "a term is a run of letters and digits, beyond US-ASCII of all but punctuation",
        arguments: [
            ("", []), (" -- ", []), ("Hello, World", ["hello", "world"]), ("a1b2_c3", ["a1b2", "c3"]),
            ("ann@example.org", ["ann", "example", "org"]), ("Grüße\u{a0}aus “Köln”", ["grüße", "aus", "köln"]),
            ("日本語。テスト，完", ["日本語", "テスト", "完"]), ("е\u{301}ж–x", ["е\u{301}ж", "x"]), ("=?=", []),
            ("\u{2070}\u{206f}x", ["\u{2070}", "x"]), ("€5", ["€5"]),
        ] as [(String, [String])])
    func words(_ text: String, _ expected: [String]) { #expect(Self.terms(text) == expected) }

    @Test("a term at its bound is whole; one octet more and it is cut in pieces that overlap")
    func longTerms() {
        let letters = (0..<700).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) }
        #expect(Self.terms(String(letters[..<256])) == [String(letters[..<256])])
        #expect(Self.terms(String(letters[..<257])) == [String(letters[..<256]), String(letters[1..<257])])
        let pieces = Self.terms(String(letters))
        #expect(pieces.allSatisfy { $0.utf8.count == 256 } && pieces.count == 5)
        for start in 0...(700 - Terms.overlap) {
            let needle = String(letters[start..<start + Terms.overlap])
            #expect(pieces.contains { $0.contains(needle) }, "\(start)")
        }
    }

    @Test("terms are handed on until enough is")
    func stops() {
        var count = 0
        let isWhole = Array("a b c".utf8).withUnsafeBytes { octets in
            Terms.forEach(in: octets) { _ in
                count += 1
                return count < 2
            }
        }
        #expect(!isWhole && count == 2)
    }

    struct Asked: Sendable {
        var needle: String
        var parts: [String]
        var isProof = false
    }

    @Test(
        "what an index is asked: the whole needle, or its words by where they stand in it",
        arguments: [
            Asked(needle: "Hello", parts: ["hello"], isProof: true), Asked(needle: "hello ", parts: ["hello>"]),
            Asked(needle: " hello", parts: ["<hello"]),
            Asked(needle: "some words here", parts: ["<words>", "some>", "<here"]),
            Asked(needle: "a.b.c.d.e", parts: ["a>", "<b>", "<c>", "<d>"]),
            Asked(needle: "日本", parts: ["日本"], isProof: true),
            Asked(
                needle: String(repeating: "x", count: 128), parts: [String(repeating: "x", count: 128)], isProof: true),
            Asked(needle: String(repeating: "x", count: 129), parts: [String(repeating: "x", count: 128)]),
        ])
    func questions(_ asked: Asked) throws {
        let question = try #require(IndexQuestion(Needle(asked.needle)))
        let parts = question.parts.map {
            ($0.isStart ? "<" : "") + String(decoding: $0.octets, as: UTF8.self) + ($0.isEnd ? ">" : "")
        }
        #expect(parts.sorted() == asked.parts.sorted() && question.isProof == asked.isProof)
    }

    @Test("of separators alone an index cannot be asked", arguments: ["", " ", "--", "@", "…"])
    func noQuestions(_ needle: String) { #expect(IndexQuestion(Needle(needle)) == nil) }

    @Test("an entry is read as it was written; what is damaged is told")
    func entries() {
        let rows: [TermEntry.Rows] = [
            .one(0), .one(15), .one(16), .one(.max), .list(0), .list(16), .list(1 << 40),
        ]
        for row in rows {
            var list: [UInt8] = []
            Array("term".utf8).withUnsafeBytes { TermEntry.append($0, row, to: &list) }
            list.withUnsafeBytes { list in
                var position = TermEntry.end(of: 2, in: list)
                #expect(position == 4 && TermEntry.start(of: 3, in: list) == 0)
                #expect(TermEntry.rows(list, &position) == row && position == list.count)
                for length in 4..<list.count {
                    position = 4
                    #expect(TermEntry.rows(UnsafeRawBufferPointer(rebasing: list[..<length]), &position) == nil)
                }
            }
        }
        for damaged in [
            [UInt8](repeating: 0, count: 40), [0x61], [0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x1f],
        ] {
            damaged.withUnsafeBytes { list in
                var position = 0
                #expect(TermEntry.rows(list, &position) == nil)
            }
        }
    }

    @Test("a table gives its terms in the order of their octets, each with its rows, each row once")
    func tables() throws {
        var table = TermTable()
        var expected: [String: [UInt32]] = [:]
        var random = SeededRandom(7)
        for row in UInt32(0)..<300 {
            for _ in 0..<40 {
                let term = "\(random.below(3_000))" + (random.below(2) == 0 ? "longerthaneight" : "")
                Array(term.utf8).withUnsafeBytes { table.add($0, row: row) }
                if expected[term]?.last != row { expected[term, default: []].append(row) }
            }
        }
        var found: [(String, [UInt32])] = []
        try table.forEachSorted { found.append((String(decoding: $0, as: UTF8.self), $1)) }
        #expect(found.map(\.0) == expected.keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        #expect(found.allSatisfy { expected[$0.0] == $0.1 })
    }

    @Test("documents are found by their messages' ids, across gaps")
    func runs() {
        var runs = DocumentRuns()
        runs.append(10, count: 3)
        runs.append(20, count: 1)
        runs.append(1 << 40, count: 2)
        let expected: [Int64: Int] = [10: 0, 12: 2, 20: 3, 1 << 40: 4, 1 << 40 + 1: 5]
        for message in [0, 9, 10, 12, 13, 19, 20, 21, 1 << 40, 1 << 40 + 1, 1 << 40 + 2] as [Int64] {
            #expect(runs.document(of: message) == expected[message], "\(message)")
        }
        #expect(runs.count == 6 && DocumentRuns().document(of: 1) == nil)
    }
}
