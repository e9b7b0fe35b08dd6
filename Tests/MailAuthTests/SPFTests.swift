import DNS
import MailAuth
import MailCore
import Testing

extension SPFCaseFile.Case {
    func outcome() async throws -> SPFOutcome {
        let evaluator = SPFEvaluator(resolver: resolver, receiver: "mx.receiver.test")
        let client = try #require(IPAddress(client))
        guard mailFrom != "<>", let at = mailFrom.lastIndex(of: "@") else {
            return await evaluator.checkMailFrom(.null, helo: helo, client: client)
        }
        let address = EmailAddress(
            localPart: String(mailFrom[..<at]), domain: String(mailFrom[mailFrom.index(after: at)...]))
        return await evaluator.checkMailFrom(.address(address), helo: helo, client: client)
    }
}

@Suite struct SPFTests {
    @Test("The tables are found")
    func tables() {
        #expect(SPFCaseFile.all().count >= 264)
    }

    @Test("RFC 7208: every case of the tables", arguments: SPFCaseFile.all())
    func judges(_ c: SPFCaseFile.Case) async throws {
        let outcome = try await c.outcome()
        #expect(c.results.contains(outcome.result.rawValue), "\(outcome.reason)")
        if let expected = c.explanation {
            #expect((outcome.explanation ?? "") == expected)
        }
    }
}
