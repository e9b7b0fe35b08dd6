import Antivirus
import Synchronization
import Testing

/// A zone for the tests.
struct Zone: Sendable {
    var txt: [String: [String]] = [:]
    var a: [String: [[UInt8]]] = [:]
    var mx: [String: [String]] = [:]
    var failing: Set<String> = []

    func answer(_ lookup: SPFLookup) -> SPFLookupAnswer {
        if failing.contains(lookup.name) { return .temporaryFailure }
        let records: [[UInt8]]? =
            switch lookup.kind {
            case .txt: txt[lookup.name]?.map { Array($0.utf8) }
            case .a: a[lookup.name]
            case .mx: mx[lookup.name]?.map { Array($0.utf8) }
            case .aaaa, .ptr: nil
            }
        return records.map { .records($0) } ?? .notFound
    }
}

@Suite("SPF's second opinion: libspf2 behind its guard, RFC 7208")
struct SPFTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var record: String
        var expected: SPFOpinion
        var client: [UInt8] = [192, 0, 2, 1]
        var mailFrom = "ann@example.org"
    }

    static let zone: Zone = {
        var zone = Zone()
        zone.a["example.org"] = [[192, 0, 2, 1]]
        zone.a["mx1.example.org"] = [[198, 51, 100, 1]]
        zone.a["mx2.example.org"] = [[192, 0, 2, 1]]
        zone.mx["example.org"] = ["mx1.example.org", "mx2.example.org"]
        zone.txt["include.example"] = ["v=spf1 ip4:192.0.2.1 -all"]
        for index in 0..<12 { zone.txt["chain\(index).example"] = ["v=spf1 include:chain\(index + 1).example -all"] }
        zone.failing = ["fails.example"]
        return zone
    }()

    static let macros =
        "v=spf1 a:" + String(repeating: "%{i}", count: 127) + String(repeating: "x", count: 4_000) + " -all"

    static let cases: [Case] = [
        Case(testDescription: "ip4 passes", record: "v=spf1 ip4:192.0.2.0/24 -all", expected: .pass),
        Case(testDescription: "-all fails", record: "v=spf1 -all", expected: .fail),
        Case(testDescription: "~all is softfail", record: "v=spf1 ip4:198.51.100.1 ~all", expected: .softfail),
        Case(testDescription: "?all is neutral", record: "v=spf1 ?all", expected: .neutral),
        Case(testDescription: "no record", record: "something else", expected: .none),
        Case(testDescription: "a", record: "v=spf1 a -all", expected: .pass),
        Case(testDescription: "mx, the second host", record: "v=spf1 mx -all", expected: .pass),
        Case(testDescription: "include", record: "v=spf1 include:include.example -all", expected: .pass),
        Case(testDescription: "redirect", record: "v=spf1 redirect=include.example", expected: .pass),
        Case(testDescription: "exp= is not looked up", record: "v=spf1 -all exp=fails.example", expected: .fail),
        Case(testDescription: "a syntax error is permerror", record: "v=spf1 nonsense -all", expected: .permerror),
        Case(
            testDescription: "a failing include is temperror", record: "v=spf1 include:fails.example -all",
            expected: .temperror),
        Case(
            testDescription: "three void look-ups, RFC 7208 §4.6.4",
            record: "v=spf1 a:v1.example a:v2.example a:v3.example ip4:192.0.2.1 -all", expected: .permerror),
        Case(
            testDescription: "two void look-ups", record: "v=spf1 a:v1.example a:v2.example ip4:192.0.2.1 -all",
            expected: .pass),
        Case(
            testDescription: "more than ten look-ups over nested records", record: "v=spf1 include:chain0.example -all",
            expected: .permerror),
        Case(
            testDescription: "an IPv4-mapped client", record: "v=spf1 ip4:192.0.2.1 -all", expected: .pass,
            client: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]),
        Case(
            testDescription: "an IPv6 client", record: "v=spf1 ip6:2001:db8::/32 -all", expected: .pass,
            client: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        Case(
            testDescription: "the null reverse path is judged by HELO, RFC 7208 §2.4",
            record: "v=spf1 ip4:192.0.2.1 -all", expected: .pass, mailFrom: ""),
        Case(
            testDescription: "127 macros and a long literal, which crashes libspf2", record: macros,
            expected: .permerror),
        Case(
            testDescription: "a record of 2,049 octets", record: "v=spf1 " + String(repeating: "a ", count: 1_021),
            expected: .permerror),
        Case(
            testDescription: "a term of 451 octets", record: "v=spf1 a:" + String(repeating: "b", count: 449) + " -all",
            expected: .permerror),
    ]

    @Test("The table, one scanner, nobody dies of it")
    func table() async throws {
        try await Fixture().withScanner { scanner in
            let before = await SupervisionTests.status(of: scanner) { $0.state == .running }
            for entry in Self.cases {
                var zone = Self.zone
                zone.txt["example.org"] = [entry.record]
                let opinion = await scanner.checkSPF(
                    client: entry.client, helo: "example.org", mailFrom: entry.mailFrom
                ) { [zone] in zone.answer($0) }
                #expect(opinion == entry.expected, "\(entry.testDescription)")
            }
            #expect(await scanner.status().spfWorker == before.spfWorker)
        }
    }

    @Test("Random records of macros kill nobody", arguments: 0..<4)
    func randomRecords(seed: Int) async throws {
        let pieces = [
            "%{i}", "%{s}", "%{l1r-}", "%{d2}", "%{h}", "%{p}", "%%", "%_", "%-", "%{ir}.x", "a:", "exists:", "mx:",
            "x", "/24", " ", " ", " ?ptr ", " exp=", "include:",
        ]
        try await Fixture(signatures: []).withScanner { scanner in
            let before = await SupervisionTests.status(of: scanner) { $0.state == .running }
            var random = SplitMix(state: UInt64(seed))
            for _ in 0..<60 {
                var record = "v=spf1 "
                for _ in 0..<Int.random(in: 1...160, using: &random) {
                    record += pieces.randomElement(using: &random) ?? ""
                }
                let answer = SPFLookupAnswer.records([Array(record.utf8)])
                _ = await scanner.checkSPF(client: [192, 0, 2, 1], helo: "h.example.org", mailFrom: "a-b@example.org") {
                    $0.kind == .txt ? answer : .notFound
                }
            }
            #expect(await scanner.status().spfWorker == before.spfWorker)
        }
    }

    @Test("A first look-up that fails is temperror; a name is asked for once; loopback is not judged")
    func lookups() async throws {
        try await Fixture().withScanner { scanner in
            let failing = await scanner.checkSPF(client: [192, 0, 2, 1], helo: "h", mailFrom: "a@fails.example") { _ in
                .temporaryFailure
            }
            #expect(failing == .temperror)
            let asked = Mutex<[SPFLookup]>([])
            var zone = Self.zone
            zone.txt["example.org"] = ["v=spf1 a:example.org mx a:example.org/24 -all"]
            let opinion = await scanner.checkSPF(
                client: [203, 0, 113, 9], helo: "h.example", mailFrom: "a@example.org"
            ) {
                [zone] lookup in
                asked.withLock { $0.append(lookup) }
                return zone.answer(lookup)
            }
            #expect(opinion == .fail)
            let all = asked.withLock { $0 }
            #expect(Set(all).count == all.count)
            let loopback = await scanner.checkSPF(client: [127, 0, 0, 2], helo: "h", mailFrom: "a@example.org") { _ in
                .noData
            }
            guard case .unavailable = loopback else { return #expect(loopback == .unavailable(reason: "")) }
        }
    }
}
