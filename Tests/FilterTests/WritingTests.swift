import FoundationEssentials
import MIME
import MailAuth
import MailCore
import NIOCore
import SpamScoring
import Testing

@testable import Filter

@Suite struct WritingTests {
    static let hostile = "x\r\nX-Evil: 1\r\n\r\n\u{0}\u{7f}\u{1b}\"\\(); é\u{2028}"

    /// A verdict in which every text is a stranger's at his worst.
    static func verdict(_ text: String) -> Verdict {
        let words = (0..<10).map { SpamScore.Word(text: text + "\($0)", weight: Double($0) - 4.5) }
        let bayes = SpamScore(
            logOdds: 2.9, words: words, global: .init(ham: 5_165, spam: 3_971), account: .init(ham: 120, spam: 88))
        return Verdict(
            message: .accept,
            recipients: [
                Verdict.Part(account: ann, action: .junk, bayes: bayes, score: 3.5),
                Verdict.Part(account: bob, action: .refuse(Refusal(550, "5.7.1", text))),
            ],
            signals: StageName.allCases.map { Signal($0, text, weight: 0.25, reason: text) },
            authentication: AuthenticationResults(
                authservID: "mx.example.test",
                results: [
                    .init(
                        method: "spf", result: "fail", reason: text,
                        properties: [.init(type: "smtp", name: "mailfrom", value: text)])
                ]),
            junkProbability: 0.9)
    }

    static let texts = [hostile, "", String(repeating: "word ", count: 400), "\r\n", "\n.\r\n", "=?utf-8?Q?=0D=0A?="]

    @Test("No text of a stranger starts a field of its own or leaves US-ASCII", arguments: texts)
    func isInjectionSafe(_ text: String) {
        for account in [ann, bob, AccountID(rawValue: 99)] {
            let lines = String(buffer: Self.verdict(text).headerLines(for: account)).components("\r\n")
            #expect(lines.last == "")
            for line in lines.dropLast() {
                let isOurs = ["Authentication-Results: ", "X-Postino-Spam: ", "X-Postino-Virus: ", "\t"].contains {
                    line.hasPrefix($0)
                }
                #expect(isOurs, "\(line)")
                #expect(line.utf8.allSatisfy { (0x20...0x7e).contains($0) || $0 == 0x09 })
                // RFC 5322 §2.1.1.
                #expect(line.utf8.count <= 998)
                #expect(line.contains { $0 != "\t" && $0 != " " })
            }
            let names = lines.filter { !$0.hasPrefix("\t") && !$0.isEmpty }.map { $0.prefix { $0 != ":" } }
            #expect(names == ["Authentication-Results", "X-Postino-Spam", "X-Postino-Virus"])
        }
    }

    @Test("The verdict field reads as people need it")
    func readsWell() {
        var verdict = Self.verdict("w")
        verdict.signals = [Signal(.spf, "fail", weight: 0.6, reason: "-all"), Signal(.antivirus, "clean")]
        verdict.recipients[0].bayes?.words = [
            .init(text: "subject:free", weight: 2.04), .init(text: "lunch", weight: -1),
        ]
        let header = verdict.header().replacing("\r\n\t", with: " ")
        #expect(
            header.contains(
                "X-Postino-Spam: junk p=0.97 S=+3.5; bayes=+2.9 (words: subject:free +2.0, lunch -1.0); "
                    + "spf=+0.6 (fail); model=global 5165/3971, account 120/88\r\nX-Postino-Virus: clean\r\n"))
    }

    private struct Document: Decodable {
        struct Deed: Decodable {
            var name: String
            var code: Int?
            var text: String?
        }
        struct Word: Decodable {
            var text: String
            var weight: Double
        }
        struct Bayes: Decodable {
            var logOdds: Double
            var words: [Word]
        }
        struct Recipient: Decodable {
            var account: Int
            var action: Deed
            var score: Double?
            var bayes: Bayes?
        }
        struct Sign: Decodable {
            var stage: String
            var name: String
            var weight: Double
            var reason: String?
        }
        var version: Int
        var message: Deed
        var junkProbability: Double
        var signals: [Sign]
        var recipients: [Recipient]
    }

    @Test("The verdict as JSON is valid and keeps every text", arguments: texts)
    func isJSON(_ text: String) throws {
        let verdict = Self.verdict(text)
        let document = try JSONDecoder().decode(Document.self, from: Data(verdict.json().utf8))
        #expect(document.version == 1)
        #expect(document.message.name == "accept")
        #expect(document.signals.map(\.name) == StageName.allCases.map { _ in text })
        #expect(document.signals.allSatisfy { $0.weight == 0.25 && $0.reason ?? "" == text })
        #expect(document.recipients.map(\.account) == [1, 2])
        #expect(document.recipients[0].bayes?.words.map(\.text) == (0..<10).map { text + "\($0)" })
        #expect(document.recipients[0].score == 3.5)
        #expect(document.recipients[1].action.name == "quarantine")
    }

    @Test("What is stored with one recipient's copy names no other")
    func keepsRecipientsApart() throws {
        let json = Self.verdict("x").json(for: bob)
        let document = try JSONDecoder().decode(Document.self, from: Data(json.utf8))
        #expect(document.recipients.map(\.account) == [2])
    }

    @Test(
        "Numbers are JSON, whatever they are",
        arguments: [
            (0.0, "0.0000"), (-0.00001, "0.0000"), (-2.5, "-2.5000"), (.nan, "0.0000"), (.infinity, "1000000.0000"),
            (-.infinity, "-1000000.0000"), (1.99999, "2.0000"), (-0.0625, "-0.0625"),
        ])
    func writesNumbers(_ number: Double, _ text: String) {
        #expect(PlainText.fixed(number, digits: 4) == text)
    }

    static let forged: [(String, [String])] = [
        (
            "Subject: a\r\nX-Postino-Spam: ham\r\n p=0\r\nTo: b\r\n\r\nX-Postino-Spam: body",
            ["X-Postino-Spam: ham\r\n p=0\r\n"]
        ),
        ("x-POSTINO-virus : clean\r\n\r\n", ["x-POSTINO-virus : clean\r\n"]),
        ("X-Postinoo: 1\r\nX-Postino: 2\r\n\r\n", []),
        (
            "Authentication-Results: MX.example.test; spf=pass\r\nAuthentication-Results: b.test; spf=pass\r\n\r\n",
            ["Authentication-Results: MX.example.test; spf=pass\r\n"]
        ),
        (
            "X-Postino-A: 1\nAuthentication-Results: mx.example.test;\n spf=pass\nX-Postino-B: 2",
            ["X-Postino-A: 1\n", "Authentication-Results: mx.example.test;\n spf=pass\n", "X-Postino-B: 2"]
        ),
        ("", []),
        ("\r\nX-Postino-Spam: body", []),
    ]

    @Test("Fields that claim to be ours are found, to be cut out", arguments: forged)
    func findsForgeries(_ text: String, _ expected: [String]) {
        let message = Message(parsing: ByteBuffer(string: text))
        let ranges = Pipeline.forgedFields(in: message, authservID: "mx.example.test")
        let octets = Array(text.utf8)
        #expect(ranges.map { String(decoding: octets[$0], as: UTF8.self) } == expected)
    }
}

extension String {
    fileprivate func components(_ separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
