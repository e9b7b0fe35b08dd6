import Testing

@testable import Control

@Suite("The words of the control socket")
struct WordsTests {
    static let requests: [Request] = [
        .domainAdd(name: "example.test", postmaster: nil),
        .domainAdd(name: "example.test", postmaster: "a@example.test"),
        .domainList, .domainRemove(name: "example.test"),
        .mailboxAdd(
            mailboxes: [
                NewMailbox(address: "a@example.test", password: .given("line\nbreak \"ü\"")),
                NewMailbox(address: "b@example.test", password: .generated),
            ], skippingExisting: true),
        .mailboxList(domain: nil), .mailboxShow(address: "a@example.test"),
        .mailboxPassword(address: "a@example.test", password: .generated), .mailboxRemove(address: "a@example.test"),
        .aliasAdd(address: "@example.test", targets: ["a@example.test", "b@elsewhere.test"]),
        .aliasList(domain: "example.test"), .aliasRemove(address: "x@example.test", target: nil),
        .queueList(QueueFilter()), .queueRetry(QueueFilter(id: 7, domain: "elsewhere.test")), .status,
        .spamLearn(as: .spam, lengths: [3, 0, 5]), .backupNow, .backupList, .backupVerify(set: "20261123T210000Z"),
    ]

    @Test("A request is one line and comes back as it was", arguments: requests)
    func request(_ request: Request) throws {
        let line = try Line.encode(request)
        #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(try Line.decode(Request.self, line) == request)
    }

    static let answers: [Answer] = [
        .progress("Copied 3 of 9 segments."), .rows([["a", nil], ["b", "1"]]),
        .outcome(
            Outcome("Done.", reports: [Report("domains", columns: [.init("name", "DOMAIN")], rows: [["a.test"]])])),
        .failure(Failure(.notFound, "no-such-domain", tried: "do it", obstacle: "it is not there", next: "Add it.")),
    ]

    @Test("An answer is one line and comes back as it was", arguments: answers)
    func answer(_ answer: Answer) throws {
        #expect(try Line.decode(Answer.self, Line.encode(answer)) == answer)
    }

    @Test(
        "What is no request is refused, and does not stop the process",
        arguments: [
            "", "{}", "null", "[]", "{\"domainAdd\":{}}", "{\"nothing\":{}}", "{\"domainList\":{}", "\u{0}",
            String(repeating: "[", count: 100_000),
        ])
    func noRequest(_ text: String) {
        #expect(throws: (any Error).self) { try Line.decode(Request.self, Array(text.utf8)) }
    }

    @Test("The body of spam learn is bounded in messages and octets")
    func bodyBounds() {
        func octets(_ lengths: [Int]) -> Int? { Request.spamLearn(as: .ham, lengths: lengths).bodyOctets }
        #expect(octets([1, 2, 3]) == 6)
        #expect(octets([]) == 0)
        #expect(octets([Request.bodyOctetsMax]) == Request.bodyOctetsMax)
        #expect(octets([Request.bodyOctetsMax, 1]) == nil)
        #expect(octets([Request.bodyOctetsMax + 1]) == nil)
        #expect(octets([-1]) == nil)
        #expect(octets([Int.max, Int.max]) == nil)
        #expect(octets(Array(repeating: 1, count: Request.messagesMax)) == Request.messagesMax)
        #expect(octets(Array(repeating: 1, count: Request.messagesMax + 1)) == nil)
        #expect(Request.status.bodyOctets == 0)
    }

    @Test("The exit codes are the documented ones")
    func exitCodes() {
        #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 64])
    }
}
