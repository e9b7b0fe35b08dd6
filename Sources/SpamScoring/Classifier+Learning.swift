import Execution
import Glibc
public import MIME
public import MailCore
public import NIOCore
import Observation
import SQLite
import Synchronization

extension Classifier {
    private static let learned = Counter(
        "postino_classifier_learned_total", help: "Messages learned, or learned as the other kind than before.")
    /// Messages of one transaction.
    private static let batchMax = 100

    /// Counts a message as one of the kind; once, however often it is called. On disk when it returns.
    ///
    /// - Throws: `BlockingPool.Full`, `DatabaseError`.
    @discardableResult
    public func learn(
        _ message: Message, as label: Label, account: AccountID = everybody
    ) async throws -> LearningOutcome {
        let lesson = try await pool.run { Lesson(message) }
        return try await learn([lesson], as: label, account: account)
    }

    /// Learns many messages, whole and split already (of an mbox or a folder), a hundred in a transaction.
    ///
    /// - Parameter messages: octets of each; line ends may be CR LF or LF.
    /// - Throws: as for one; batches before the failure stay learned.
    @discardableResult
    public func learn(
        _ messages: [ByteBuffer], as label: Label, account: AccountID = everybody
    ) async throws -> LearningOutcome {
        var outcome = LearningOutcome()
        for start in stride(from: 0, to: messages.count, by: Self.batchMax) {
            let batch = messages[start..<min(start + Self.batchMax, messages.count)]
            let lessons = try await pool.run(priority: .bulk) { batch.map { Lesson(Message(parsing: $0)) } }
            let part = try await learn(lessons, as: label, account: account)
            outcome.learned += part.learned
            outcome.changed += part.changed
            outcome.unchanged += part.unchanged
        }
        return outcome
    }

    private func learn(_ lessons: [Lesson], as label: Label, account: AccountID) async throws -> LearningOutcome {
        let day = Int64(time(nil)) / 86_400
        let outcome = try await database.write(priority: .bulk, octets: lessons.reduce(0) { $0 + $1.tokens.utf8.count })
        {
            [self] transaction in
            var outcome = LearningOutcome()
            for lesson in lessons {
                try Self.learn(lesson, label, account.rawValue, day, transaction, &outcome)
            }
            let total = try transaction.first(
                "SELECT ham, spam FROM training WHERE account = ?", .integer(account.rawValue)
            ) { SpamScore.Training(ham: Int($0.integer(0)), spam: Int($0.integer(1))) }
            transaction.afterCommit { self.training.withLock { $0[account] = total } }
            return outcome
        }
        Self.learned.increment(by: outcome.learned + outcome.changed)
        return outcome
    }

    private static func learn(
        _ lesson: Lesson, _ label: Label, _ account: Int64, _ day: Int64, _ transaction: WriteTransaction,
        _ outcome: inout LearningOutcome
    ) throws {
        let before = try transaction.first(
            "SELECT label, token_version FROM learned WHERE account = ? AND digest = ?", .integer(account),
            .blob(lesson.digest)
        ) { (label: Label(number: $0.integer(0)), version: $0.integer(1)) }
        if before?.label == label {
            outcome.unchanged += 1
            return
        }
        if let before {
            outcome.changed += 1
            // Tokens that were made otherwise cannot be found again; their counts fade with the rest.
            try unlearn(
                lesson, before.label, account, withTokens: before.version == Int64(TokenSet.version), transaction)
        } else {
            outcome.learned += 1
        }
        let (ham, spam): (Int64, Int64) = label == .ham ? (1, 0) : (0, 1)
        try transaction.execute(
            """
            INSERT INTO token (account, hash64, ham, spam, last_day)
            SELECT ?, value, ?, ?, ? FROM json_each(?) WHERE true
            ON CONFLICT (account, hash64) DO UPDATE SET
                ham = ham + excluded.ham, spam = spam + excluded.spam, last_day = excluded.last_day
            """, .integer(account), .integer(ham), .integer(spam), .integer(day), .text(lesson.tokens))
        try transaction.execute(
            """
            INSERT INTO training (account, ham, spam) VALUES (?, ?, ?)
            ON CONFLICT (account) DO UPDATE SET ham = ham + excluded.ham, spam = spam + excluded.spam
            """, .integer(account), .integer(ham), .integer(spam))
        try transaction.execute(
            """
            INSERT INTO learned (account, digest, label, token_version, day) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (account, digest) DO UPDATE SET
                label = excluded.label, token_version = excluded.token_version, day = excluded.day
            """, .integer(account), .blob(lesson.digest), .integer(label.number),
            .integer(Int64(TokenSet.version)), .integer(day))
    }

    private static func unlearn(
        _ lesson: Lesson, _ label: Label, _ account: Int64, withTokens: Bool, _ transaction: WriteTransaction
    ) throws {
        let (ham, spam): (Int64, Int64) = label == .ham ? (1, 0) : (0, 1)
        if withTokens {
            try transaction.execute(
                """
                UPDATE token SET ham = max(0, ham - ?), spam = max(0, spam - ?)
                WHERE account = ? AND hash64 IN (SELECT value FROM json_each(?))
                """, .integer(ham), .integer(spam), .integer(account), .text(lesson.tokens))
        }
        try transaction.execute(
            "UPDATE training SET ham = max(0, ham - ?), spam = max(0, spam - ?) WHERE account = ?", .integer(ham),
            .integer(spam), .integer(account))
    }
}
