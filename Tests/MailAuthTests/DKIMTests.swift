import DNS
import MIME
import MailAuth
import MailCore
import NIOCore
import Testing

@Suite struct DKIMTests {
    @Test("RFC 6376: every case of the tables", arguments: DKIMCases.all)
    func verifies(_ c: DKIMCases.Case) async throws {
        let outcomes = try await c.recipe.findings().dkim
        let outcome = try #require(outcomes.first)
        #expect(outcome.result == c.expected, "\(outcome.reason)")
        #expect((outcome.reason.isEmpty) == (c.expected == .pass && !outcome.isTesting))
    }

    @Test("There are more than 150 cases, of each result some")
    func tables() {
        #expect(DKIMCases.all.count >= 150)
        for result in DKIMOutcome.Result.allCases {
            #expect(DKIMCases.all.contains { $0.expected == result }, "\(result)")
        }
        #expect(Set(DKIMCases.all.map(\.testDescription)).count == DKIMCases.all.count)
    }

    /// - Parameter blanks: between two sentences, in which RFC 6376 and RFC 8463 differ.
    static func joe(_ blanks: String) -> [String] {
        [
            "From: Joe SixPack <joe@football.example.com>", "To: Suzie Q <suzie@shopping.example.net>",
            "Subject: Is dinner ready?", "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
            "Message-ID: <20030712040037.46341.5F8J@football.example.com>", "", "Hi.", "",
            "We lost the game.\(blanks)Are you hungry yet?", "", "Joe.", "",
        ]
    }

    static func verify(
        _ lines: [String], _ zone: [String: [StaticResolver.Record]], unixSeconds: Int64 = 1_600_000_000
    ) async -> [DKIMOutcome] {
        let message = Message(parsing: ByteBuffer(string: lines.joined(separator: "\r\n")))
        return await SignatureVerifier(resolver: StaticResolver(zone)).verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: unixSeconds
        ).dkim
    }

    @Test("RFC 6376 A.2: the signed example")
    func verifiesAppendixA() async throws {
        let lines =
            [
                "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;",
                "      c=simple/simple; q=dns/txt; i=joe@football.example.com;",
                "      h=Received : From : To : Subject : Date : Message-ID;",
                "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
                "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB",
                "        4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut",
                "        KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV",
                "        4bmp/YzhwvcubU4=;",
                "Received: from client1.football.example.com  [192.0.2.1]",
                "      by submitserver.example.com with SUBMISSION;",
                "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)",
            ] + Self.joe(" ")
        let key =
            "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
            + "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
            + "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
        let zone = ["brisbane._domainkey.example.com": [StaticResolver.Record.txt(key)]]
        let outcome = try #require(await Self.verify(lines, zone).first)
        #expect(outcome.result == .pass, "\(outcome.reason)")
        #expect(outcome.keyBits == 1_024)
        #expect(outcome.reason == "a key of only 1024 bits")
        #expect((outcome.domain, outcome.selector) == ("example.com", "brisbane"))
        #expect(outcome.identity == "joe@football.example.com")
        #expect(outcome.coversFrom)
    }

    @Test("RFC 8463 A: the example with both kinds of key")
    func verifiesEd25519() async throws {
        let names = " h=from : to : subject : date : message-id : from : subject : date;"
        let lines =
            [
                "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;",
                " d=football.example.com; i=@football.example.com;", " q=dns/txt; s=brisbane; t=1528637909;", names,
                " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
                " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus",
                " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
                "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;",
                " d=football.example.com; i=@football.example.com;", " q=dns/txt; s=test; t=1528637909;", names,
                " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;",
                " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3",
                " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz",
                " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=",
            ] + Self.joe("  ")
        let rsa =
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2"
            + "jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
            + "Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
        let outcomes = await Self.verify(
            lines,
            [
                "brisbane._domainkey.football.example.com": [
                    .txt("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
                ],
                "test._domainkey.football.example.com": [.txt(rsa)],
            ])
        #expect(outcomes.map(\.result) == [.pass, .pass], "\(outcomes.map(\.reason))")
        #expect(outcomes.map(\.algorithm) == ["ed25519-sha256", "rsa-sha256"])
        #expect(outcomes.map(\.keyBits) == [256, 1_024])
    }

    @Test("RFC 6376 §8.15: a From field in front of the signed one is told of")
    func tellsOfUncoveredFrom() async throws {
        var recipe = DKIMRecipe()
        recipe.afterwards = { $0 = "From: eve@example.com\n" + $0 }
        let outcome = try #require(try await recipe.findings().dkim.first)
        #expect(outcome.result == .pass && !outcome.coversFrom)
        #expect(outcome.reason == "not all From fields are signed")
    }

    @Test("A note says that a domain is testing, and how much l= leaves out")
    func notes() async throws {
        var recipe = DKIMRecipe()
        recipe.records = ["v=DKIM1; t=y; p=KEY"]
        #expect(try await recipe.findings().dkim.first?.reason == "its domain is testing")
        recipe.set("l", "43")
        recipe.afterwards = { $0 += "1234567\n" }
        let outcome = try #require(try await recipe.findings().dkim.first)
        #expect(outcome.uncoveredOctets == 9)
        #expect(outcome.reason == "l= leaves 9 octets of the body unsigned")
    }
}
