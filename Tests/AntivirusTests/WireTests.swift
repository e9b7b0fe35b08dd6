import ScannerWire
import Testing

@Suite("Words between the server and the scanner")
struct WireTests {
    static let longName = String(repeating: "n", count: Bounds.nameOctetsMax)
    static let record = [UInt8](repeating: 0x61, count: Bounds.dnsRecordOctetsMax)

    static func question(
        helo: String = "mx.example.org", mailFrom: String = "ann@example.org", replies: [DNSReply] = []
    ) -> Request {
        let known = replies.map { SPFQuestion.Known(DNSQuestion("example.org", .txt), $0) }
        return Request(id: 7, .spf(SPFQuestion(client: [192, 0, 2, 1], helo: helo, mailFrom: mailFrom, known: known)))
    }

    static let requests: [Request] = [
        Request(id: 0, .status),
        Request(id: .max, .reload),
        Request(id: 1, .scan(.message)),
        Request(id: 2, .scan(.file)),
        question(),
        question(helo: longName, mailFrom: ""),
        question(replies: [.notFound, .noData, .temporaryFailure, .records([]), .records([record, [], [1, 2, 3, 4]])]),
    ]

    @Test("A request is read as it was written", arguments: requests)
    func requestRoundTrip(_ request: Request) throws {
        #expect(Request(try #require(request.datagram)) == request)
    }

    static let answers: [Answer.Body] = [
        .scan(.clean), .scan(.infected("Postino.Test")), .busy, .reloaded(problem: nil), .reloaded(problem: "no"),
        .scan(.cannotCheck(.limit, "a")), .scan(.cannotCheck(.workerDied, "")), .scan(.cannotCheck(.unreadable, "x")),
        .spf(.result(.permerror)), .spf(.result(.none)), .spf(.failed("why")), .spf(.missing([])),
        .spf(.missing([DNSQuestion(longName, .aaaa), DNSQuestion("a.example", .ptr)])), .status(fullStatus),
    ]

    static var fullStatus: Status {
        var status = Status()
        status.signatures = 8_700_000
        status.databaseTime = -1
        status.engineVersion = "1.4.6"
        status.generation = 3
        status.workers = [10, 20, 30]
        status.spfWorker = 40
        status.busyWorkers = 2
        status.problem = "none to speak of"
        return status
    }

    @Test("An answer is read as it was written", arguments: answers)
    func answerRoundTrip(_ body: Answer.Body) throws {
        let answer = Answer(id: 99, body)
        #expect(Answer(try #require(answer.datagram)) == answer)
    }

    @Test("What passes a bound is not sent")
    func bounds() {
        #expect(Self.question(helo: Self.longName + "n").datagram == nil)
        #expect(Self.question(mailFrom: String(repeating: "a", count: Bounds.pathOctetsMax)).datagram != nil)
        #expect(Self.question(mailFrom: String(repeating: "a", count: Bounds.pathOctetsMax + 1)).datagram == nil)
        #expect(Self.question(replies: [.records([Self.record + [0]])]).datagram == nil)
        let one = DNSReply.records([[1, 2, 3, 4]])
        #expect(Self.question(replies: .init(repeating: one, count: Bounds.dnsAnswersMax)).datagram != nil)
        #expect(Self.question(replies: .init(repeating: one, count: Bounds.dnsAnswersMax + 1)).datagram == nil)
        let address: [UInt8] = [1, 2, 3, 4]
        #expect(
            Self.question(replies: [.records(.init(repeating: address, count: Bounds.dnsRecordsMax))]).datagram != nil)
        #expect(
            Self.question(replies: [.records(.init(repeating: address, count: Bounds.dnsRecordsMax + 1))]).datagram
                == nil)
        // 40 × 4 KiB: each within its bound, the whole beyond the datagram's.
        #expect(Self.question(replies: .init(repeating: .records([Self.record]), count: 40)).datagram == nil)
        let questions = [DNSQuestion](repeating: DNSQuestion("a.example", .a), count: Bounds.missingMax + 1)
        #expect(Answer(id: 1, .spf(.missing(questions))).datagram == nil)
        #expect(Answer(id: 1, .spf(.missing(Array(questions.dropLast())))).datagram != nil)
    }

    @Test("A text is cut at its bound")
    func cuts() throws {
        let answer = Answer(id: 1, .reloaded(problem: String(repeating: "x", count: Bounds.textOctetsMax + 1)))
        let cut = Answer(id: 1, .reloaded(problem: String(repeating: "x", count: Bounds.textOctetsMax)))
        #expect(Answer(try #require(answer.datagram)) == cut)
    }

    @Test("Every beginning and every extension of a datagram is refused, and nothing traps")
    func cutDatagrams() throws {
        let full =
            try Self.requests.suffix(1).map { try #require($0.datagram) }
            + Self.requests.prefix(6).map { try #require($0.datagram) }
        for datagram in full {
            for count in 0..<min(datagram.count, 400) { #expect(Request(Array(datagram.prefix(count))) == nil) }
            #expect(Request(datagram + [0]) == nil)
        }
        for body in Self.answers {
            let datagram = try #require(Answer(id: 5, body).datagram)
            for count in 0..<datagram.count { #expect(Answer(Array(datagram.prefix(count))) == nil) }
            #expect(Answer(datagram + [0]) == nil)
        }
    }

    @Test("Another version is refused")
    func otherVersion() throws {
        var datagram = try #require(Request(id: 1, .status).datagram)
        datagram[0] = Bounds.version &+ 1
        #expect(Request(datagram) == nil)
        #expect(Answer(datagram) == nil)
    }

    @Test("Random octets never trap, changed datagrams give nothing or a value", arguments: 0..<8)
    func garbage(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let models =
            try Self.requests.map { try #require($0.datagram) }
            + Self.answers.map { try #require(Answer(id: 3, $0).datagram) }
        for _ in 0..<500 {
            var octets = (0..<Int(random.next() % 64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if let first = octets.indices.first { octets[first] = Bounds.version }
            _ = (Request(octets), Answer(octets))
            var changed = Array(models[Int(random.next() % UInt64(models.count))].prefix(300))
            for _ in 0..<3 where !changed.isEmpty {
                changed[Int(random.next() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            // What is read can be written again, to the same effect.
            if let request = Request(changed), let again = request.datagram { #expect(Request(again) == request) }
            if let answer = Answer(changed), let again = answer.datagram { #expect(Answer(again) == answer) }
        }
    }
}

/// A small generator with a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
