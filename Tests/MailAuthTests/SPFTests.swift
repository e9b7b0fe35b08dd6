import DNS
import MailAuth
import MailCore
import Testing

@Suite struct SPFTests {
    @Test func passes() async throws {
        let evaluator = SPFEvaluator(
            resolver: StaticResolver(["example.org": [.txt("v=spf1 ip4:192.0.2.0/24 -all")]]), receiver: "mx.test")
        let client = try #require(IPAddress("192.0.2.7"))
        let outcome = await evaluator.checkMailFrom(
            .address(EmailAddress(localPart: "ann", domain: "example.org")), helo: "h.example", client: client)
        #expect(outcome.result == .pass)
    }
}
