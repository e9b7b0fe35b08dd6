import DNS
import MailAuth
import MailCore
import Testing

@Suite struct SPFBoundsTests {
    private static func outcome(_ resolver: any Resolver, millisecondsMax: Int = 20_000) async throws -> SPFOutcome {
        let client = try #require(IPAddress("192.0.2.1"))
        return await SPFEvaluator(resolver: resolver, receiver: "mx.test", millisecondsMax: millisecondsMax)
            .checkMailFrom(
                .address(EmailAddress(localPart: "ann", domain: "d.example")), helo: "h.test", client: client)
    }

    private static func outcome(record: String) async throws -> SPFOutcome {
        try await outcome(StaticResolver(["d.example": [.txt(record)], "x.example": [.a("127.0.0.2")]]))
    }

    @Test("Without a resolver the result is temperror")
    func disabled() async throws {
        #expect(try await Self.outcome(DisabledResolver()).result == .temperror)
    }

    /// Answers only when its task is cancelled.
    private struct SilentResolver: Resolver {
        func query(_ name: String, _ type: RecordType) async -> Answer {
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
            for await _ in stream {}
            continuation.finish()
            return .temporaryFailure("cancelled")
        }
    }

    @Test("RFC 7208 §4.6.4: a check that takes too long is a temperror")
    func timeLimit() async throws {
        let outcome = try await Self.outcome(SilentResolver(), millisecondsMax: 20)
        #expect(outcome.result == .temperror)
        #expect(outcome.reason == "no result within 20 ms")
    }

    @Test(
        "A record of 16,384 octets is read, one of 16,385 is a permerror",
        arguments: [(16_384, "pass"), (16_385, "permerror")])
    func recordLength(_ octets: Int, _ expected: String) async throws {
        let head = "v=spf1 x="
        let tail = " ip4:192.0.2.1"
        let record = head + String(repeating: "a", count: octets - head.utf8.count - tail.utf8.count) + tail
        #expect(try await Self.outcome(record: record).result.rawValue == expected)
    }

    @Test("An expansion above 8,192 octets is a permerror; a shorter one is cut to a name")
    func expansionLength() async throws {
        let long = String(repeating: "%{s}.", count: 1_000)
        #expect(try await Self.outcome(record: "v=spf1 exists:\(long)x.example -all").result == .permerror)
        let short = String(repeating: "%{d}.", count: 500)
        #expect(try await Self.outcome(record: "v=spf1 ?exists:\(short)x.example ip4:192.0.2.1").result == .pass)
    }

    @Test("Hundreds of macros and kilobytes of letters in one term or explanation do no harm")
    func macroFlood() async throws {
        for count in [124, 125, 126, 127, 128, 450, 2_000] {
            let term = String(repeating: "%{i}", count: count) + String(repeating: "x", count: 4_000) + ".example"
            let outcome = try await Self.outcome(
                StaticResolver([
                    "d.example": [.txt("v=spf1 -exists:\(term) -all exp=e.example")],
                    "e.example": [.txt(String(repeating: "%{i}%{p}xyz ", count: count / 10))],
                ]))
            #expect([.fail, .permerror].contains(outcome.result))
            #expect((outcome.explanation?.utf8.count ?? 0) <= 500)
        }
    }

    @Test("The reason is printable and bounded, whatever the domain wrote")
    func reason() async throws {
        for term in ["\u{1}\u{2}\r\nX: y", String(repeating: "z", count: 5_000), "a:\u{e9}.example"] {
            let reason = try await Self.outcome(record: "v=spf1 \(term)").reason
            #expect(reason.utf8.allSatisfy { (0x20...0x7e).contains($0) })
            #expect(reason.utf8.count <= 300)
        }
    }

    @Test("Random records made of the grammar's pieces end in a result")
    func randomRecords() async throws {
        let pieces = [
            "a", "mx", "ptr", "all", "include:", "exists:", "redirect=", "exp=", "ip4:", "ip6:", "192.0.2.1", "::1",
            "x.example",
            "%{", "%{i}", "%{p2r.-}", "%%", "%_", "%-", "%", "{", "}", "/", "//", "0", "32", "129", ":", "=", ".", "-",
            "~", "?", "+",
            " ", " ", " ", "d.example", "r", "\u{0}", "\u{ff}",
        ]
        // xorshift, so that every run is the same.
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        var results: Set<String> = []
        for _ in 0..<3_000 {
            let record = "v=spf1 " + (0..<next(12)).map { _ in pieces[next(pieces.count)] }.joined()
            results.insert(try await Self.outcome(record: record).result.rawValue)
        }
        #expect(results.isSuperset(of: ["permerror", "neutral", "pass"]))
    }

    @Test("HELO and MAIL FROM are told apart, and null is judged as postmaster at HELO")
    func identities() async throws {
        let resolver = StaticResolver([
            "h.example": [.txt("v=spf1 exists:%{l}.%{o}.l.example -all")],
            "postmaster.h.example.l.example": [.a("127.0.0.2")],
        ])
        let evaluator = SPFEvaluator(resolver: resolver, receiver: "mx.test")
        let client = try #require(IPAddress("192.0.2.1"))
        let helo = await evaluator.checkHelo("h.example", client: client)
        #expect(helo.result == .pass)
        #expect(helo.identity == .helo)
        let null = await evaluator.checkMailFrom(.null, helo: "h.example", client: client)
        #expect(null.result == .pass)
        #expect(null.identity == .mailFrom)
        #expect(null.domain == "h.example")
        #expect(
            AuthenticationResults(authservID: "mx.test", results: [.init(spf: helo)]).field.hasSuffix(
                "smtp.helo=h.example\r\n"))
    }
}
