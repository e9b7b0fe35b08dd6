import MIME
import MailCore
import NIOCore
import SpamScoring
import Testing

@Suite struct ClassifierTests {
    @Test("After 60 messages of each kind new ones of both are told apart, within the limit of a small model")
    func learns() async throws {
        try await Fixture.with { fixture in
            let classifier = fixture.classifier
            try await classifier.learn((0..<60).map { Samples.spam($0) }, as: .spam)
            try await classifier.learn((0..<60).map { Samples.ham($0) }, as: .ham)
            let spam = try await classifier.score(
                Message(parsing: Samples.spam(1_000)), account: AccountID(rawValue: 7))
            let ham = try await classifier.score(Message(parsing: Samples.ham(1_000)), account: AccountID(rawValue: 7))
            #expect(spam.logOdds > 0.5)
            #expect(ham.logOdds < -0.5)
            #expect(spam.limit == 2)
            #expect(abs(spam.logOdds) <= 2 && abs(ham.logOdds) <= 2)
            #expect(spam.global == SpamScore.Training(ham: 60, spam: 60))
            #expect(spam.probability > 0.5 && ham.probability < 0.5)
            #expect(spam.words.contains { $0.text.contains("bulk") && $0.weight > 0 })
            #expect(ham.words.contains { $0.text.contains("example.org") && $0.weight < 0 })
        }
    }

    @Test("Below 25 messages of either kind nothing is said")
    func keepsSilent() async throws {
        try await Fixture.with { fixture in
            try await fixture.classifier.learn((0..<60).map { Samples.spam($0) }, as: .spam)
            try await fixture.classifier.learn((0..<24).map { Samples.ham($0) }, as: .ham)
            let spam = Message(parsing: Samples.spam(1_000))
            let before = try await fixture.classifier.score(spam, account: Classifier.everybody)
            #expect(before.logOdds == 0 && before.limit == 0 && before.words.isEmpty)
            try await fixture.classifier.learn([Samples.ham(24)], as: .ham)
            #expect(try await fixture.classifier.score(spam, account: Classifier.everybody).logOdds > 0)
        }
    }

    @Test("A message counts once for each kind; learned as the other kind it is unlearned first")
    func countsOnce() async throws {
        try await Fixture.with { fixture in
            let classifier = fixture.classifier
            let sample = Samples.spam(1)
            #expect(
                try await classifier.learn([sample, sample], as: .spam) == LearningOutcome(learned: 1, unchanged: 1))
            let once = try await fixture.tokenRows()
            #expect(once.allSatisfy { $0[1] == 0 && $0[2] == 1 } && !once.isEmpty)
            #expect(try await classifier.learn(Message(parsing: sample), as: .ham) == LearningOutcome(changed: 1))
            #expect(try await fixture.tokenRows() == once.map { [$0[0], 1, 0] })
            #expect(classifier.training() == SpamScore.Training(ham: 1, spam: 0))
            #expect(try await classifier.learn([sample], as: .spam) == LearningOutcome(changed: 1))
            #expect(try await fixture.tokenRows() == once)
        }
    }

    @Test("Line ends and fields that servers add do not make another message of it")
    func recognises() async throws {
        try await Fixture.with { fixture in
            let received = String(buffer: Samples.spam(1))
            let unix = received.replacing("\r\n", with: "\n")
            let delivered = "Return-Path: <a@example.org>\r\nX-Postino-Spam: ham p=0.10\r\n" + received + "\r\n\r\n"
            try await fixture.classifier.learn([ByteBuffer(string: received)], as: .spam)
            let again = [unix, delivered].map { ByteBuffer(string: $0) }
            #expect(try await fixture.classifier.learn(again, as: .spam) == LearningOutcome(unchanged: 2))
            #expect(
                try await fixture.classifier.learn([Samples.spam(2)], as: .spam) == LearningOutcome(learned: 1))
        }
    }

    @Test("What an account taught counts for it alone, on top of what all share")
    func separatesAccounts() async throws {
        try await Fixture.with { fixture in
            let (ann, bob) = (AccountID(rawValue: 1), AccountID(rawValue: 2))
            let classifier = fixture.classifier
            try await classifier.learn((0..<40).map { Samples.spam($0) }, as: .spam)
            try await classifier.learn((0..<40).map { Samples.ham($0) }, as: .ham)
            // Ann runs a casino.
            try await classifier.learn((100..<160).map { Samples.spam($0) }, as: .ham, account: ann)
            let message = Message(parsing: Samples.spam(1_000))
            let scores = try await classifier.score(message, accounts: [ann, bob, Classifier.everybody, ann])
            let (forAnn, forBob) = (try #require(scores[ann]), try #require(scores[bob]))
            #expect(forBob.logOdds > 0)
            #expect(forAnn.logOdds < forBob.logOdds)
            #expect(forAnn.account == SpamScore.Training(ham: 60, spam: 0))
            #expect(scores[Classifier.everybody]?.logOdds == forBob.logOdds)
        }
    }

    @Test("What was learned is there after the database was closed and opened again")
    func lasts() async throws {
        try await Fixture.with { fixture in
            try await fixture.classifier.learn((0..<30).map { Samples.spam($0) }, as: .spam)
            try await fixture.classifier.learn((0..<30).map { Samples.ham($0) }, as: .ham)
            let message = Message(parsing: Samples.spam(1_000))
            let before = try await fixture.classifier.score(message, account: Classifier.everybody)
            await fixture.close()
            let reopened = try Fixture(folder: fixture.folder)
            #expect(try await reopened.classifier.score(message, account: Classifier.everybody) == before)
            #expect(try await reopened.classifier.learn([Samples.spam(3)], as: .spam).unchanged == 1)
            await reopened.close()
        }
    }
}
