import MIME
import NIOCore
import Testing

@testable import SpamScoring

@Suite struct TokenTests {
    static let words: [(String, [String])] = [
        ("Buy NOW!", ["buy", "now!"]),
        ("a I 42 x", ["42"]),  // Two characters at least.
        ("don't -dash- 'quoted' --", ["don't", "dash", "quoted"]),
        ("CAFÉ “Überraschung”…", ["café", "überraschung"]),
        (String(repeating: "x", count: 40), [String(repeating: "x", count: 40)]),
        (String(repeating: "x", count: 41), []),
        (String(repeating: "é", count: 40) + " ok", [String(repeating: "é", count: 40), "ok"]),
        (String(repeating: "é", count: 41) + " ok", ["ok"]),
        ("免费赢取 now", ["免费", "费赢", "赢取", "now"]),
        ("", []),
    ]

    @Test("Words have 2 to 40 characters, in lower case", arguments: words)
    func splits(_ text: String, _ expected: [String]) {
        var found: [String] = []
        WordScanner.words(of: text) { word in
            found.append(String(decoding: word, as: UTF8.self))
            return true
        }
        #expect(found == expected)
    }

    static let structure: [(String, [String])] = [
        ("Subject: Free =?utf-8?Q?Caf=C3=A9?=\r\n\r\n", ["subject:free", "subject:café"]),
        ("From: Ann <a@Example.ORG>\r\n\r\n", ["from:ann", "from:@example.org"]),
        ("X-Odd-Thing: 1\r\n\r\n", ["hdr:x-odd-thing"]),
        ("Date: Mon, 23 Nov 2026 21:02:54 +0200\r\n\r\n", ["tz:+0200"]),
        ("Message-ID: <ab12.x@Host.example>\r\n\r\n", ["mid:<a9.a", "midhost:host.example"]),
        (
            "Received: from mail.example (rev.example [192.0.2.77]) by mx.test; Mon\r\n\r\n",
            ["rcvd:mail.example", "rcvd:rev.example", "net16:192.0", "net24:192.0.2"]
        ),
        ("\r\nsee http://www.shop.example.com/x now", ["url:www.shop.example.com", "url2:example.com", "now"]),
        (
            "Content-Type: text/html; charset=utf-8\r\n\r\n<font><a href='https://evil.example/'>click here</a>",
            ["ct:text/html", "cs:utf-8", "tag:font", "tag:a", "url:evil.example", "click", "here"]
        ),
        (
            "Content-Type: application/zip; name=Offer.EXE\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA",
            ["ct:application/zip", "cte:base64", "ext:exe"]
        ),
    ]

    @Test("Traits of header and structure become tokens", arguments: structure)
    func describes(_ text: String, _ expected: [String]) {
        let tokens = texts(text)
        for token in expected { #expect(tokens.contains(token), "\(token) in \(tokens)") }
    }

    @Test("What filters and delivery wrote is no evidence")
    func ignores() {
        let fields = [
            "X-Spam-Status: Yes", "X-Postino-Spam: junk", "Return-Path: <a@b>", "Authentication-Results: mx; none",
        ]
        #expect(texts(fields.joined(separator: "\r\n") + "\r\n\r\n") == texts("\r\n"))
    }

    @Test("A message has at most 1,500 tokens, each once")
    func bounds() {
        let many = (0..<5_000).map { "word\($0)" }.joined(separator: " ")
        #expect(Tokenizer.tokens(of: message("\r\n" + many)).count == 1_500)
        let same = String(repeating: "word ", count: 5_000)
        #expect(texts("\r\n" + same) == texts("\r\nword"))
    }

    @Test("A long header does not crowd out the text")
    func sharesRoom() {
        let fields = (0..<450).map { "X-\($0): 1\r\n" }.joined()
        let subject = "Subject: " + (0..<3_000).map { "s\($0)" }.joined(separator: " ") + "\r\n"
        #expect(texts(fields + subject + "\r\nlast word").contains("last"))
    }

    @Test("Text beyond the first 256 KiB is not looked at")
    func looksAtTheBeginning() {
        let filler = String(repeating: " ", count: (256 << 10) - 6)
        #expect(texts("\r\n" + filler + "inside").contains("inside"))
        #expect(texts("\r\n" + filler + " inside").contains("inside") == false)
    }

    static let limits = [(24, 24, 0.0), (25, 1_000, 2.0), (99, 99, 2), (100, 100, 4), (499, 500, 4), (500, 500, 6)]

    @Test("A little trained model is clipped harder", arguments: limits)
    func clips(_ ham: Int, _ spam: Int, _ limit: Double) {
        #expect(Model.limit(SpamScore.Training(ham: ham, spam: spam)) == limit)
    }

    @Test("A token of unknown or equal counts weighs nothing; others by what they were seen in")
    func weighs() {
        let training = SpamScore.Training(ham: 100, spam: 50)
        #expect(Model.weight(.init(), training) == 0)
        #expect(abs(Model.weight(.init(ham: 10, spam: 5), training)) < 1e-9)
        let once = Model.weight(.init(ham: 0, spam: 1), training)
        let often = Model.weight(.init(ham: 0, spam: 20), training)
        #expect(once > 0 && often > once && often.isFinite)
        #expect(Model.weight(.init(ham: 5, spam: 0), training) < 0)
    }

    @Test("Octets of any kind give tokens, and the same ones again", arguments: 1...8)
    func survives(_ seed: UInt64) {
        var state = seed
        let pieces = [
            "Received: ", "From: ", "[", ".", "1.2.3.4", "::ffff:", "@", "\r\n", "\r\n\r\n", "=?utf-8?B?",
            "Message-ID: <",
        ]
        var octets: [UInt8] = []
        for _ in 0..<400 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let choice = Int(state >> 33)
            if choice % 3 == 0 {
                octets += Array(pieces[choice % pieces.count].utf8)
            } else {
                octets.append(UInt8(truncatingIfNeeded: state >> 40))
            }
        }
        let tokens = Tokenizer.tokens(of: Message(parsing: ByteBuffer(bytes: octets)))
        #expect(tokens.hashes == Tokenizer.tokens(of: Message(parsing: ByteBuffer(bytes: octets))).hashes)
        #expect(Set(tokens.hashes).count == tokens.count)
        #expect(tokens.json.utf8.filter { $0 == UInt8(ascii: ",") }.count == max(0, tokens.count - 1))
    }

    private func texts(_ text: String) -> [String] {
        let tokens = Tokenizer.tokens(of: message(text))
        return (0..<tokens.count).map { tokens.text($0) }
    }
}
