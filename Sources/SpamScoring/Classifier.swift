public import Execution
public import MIME
public import MailCore
import Observation
public import SQLite
import Synchronization

/// The learning classifier: counts of tokens in a database of its own, so that learning never passes through mail's
/// writer.
///
/// An account is judged by what all taught and what it taught itself, together.
public final class Classifier: MessageScoring, Sendable {
    private static let scored = Counter(
        "postino_classifier_scored_total", help: "Messages that the classifier took apart and scored.")

    /// The model that all accounts share.
    public static let everybody = AccountID(rawValue: 0)

    let database: Database
    /// Messages are parsed and taken apart here.
    let pool: BlockingPool
    /// As on disk: this process alone writes it.
    let training: Mutex<[AccountID: SpamScore.Training]>

    /// Blocks: for start-up.
    ///
    /// - Parameter database: opened with `databaseOptions`; closed by who opened it.
    public init(database: Database, pool: BlockingPool) throws {
        self.database = database
        self.pool = pool
        let rows = try database.readBlocking { connection in
            try connection.all("SELECT account, ham, spam FROM training") { row in
                (
                    AccountID(rawValue: row.integer(0)),
                    SpamScore.Training(ham: Int(row.integer(1)), spam: Int(row.integer(2)))
                )
            }
        }
        training = Mutex(Dictionary(rows) { first, _ in first })
    }

    /// How many messages were learned for an account itself, or for everybody.
    public func training(of account: AccountID = everybody) -> SpamScore.Training {
        training.withLock { $0[account] } ?? SpamScore.Training()
    }

    public func score(_ message: Message, account: AccountID) async throws -> SpamScore {
        try await score(message, accounts: [account])[account] ?? SpamScore(logOdds: 0, limit: 0)
    }

    /// - Throws: `BlockingPool.Full`, `DatabaseError`.
    /// - Complexity: one query for the model that all share, one more for each account that taught something itself.
    public func score(_ message: Message, accounts: [AccountID]) async throws -> [AccountID: SpamScore] {
        let global = training(of: Self.everybody)
        let trained = accounts.map { ($0, $0 == Self.everybody ? SpamScore.Training() : training(of: $0)) }
        var scores: [AccountID: SpamScore] = [:]
        let judging = trained.filter { Model.limit(global + $0.1) > 0 }
        for (account, own) in trained {
            scores[account] = SpamScore(logOdds: 0, limit: 0, global: global, account: own)
        }
        if judging.isEmpty { return scores }
        Self.scored.increment()
        let tokens = try await pool.run { Tokenizer.tokens(of: message) }
        let owners = [Self.everybody] + judging.filter { $0.1 != SpamScore.Training() }.map(\.0)
        let counts = try await counts(of: tokens, owners: owners)
        let shared = counts[Self.everybody] ?? []
        let sharedScore = Model.score(tokens, shared, global: global, account: SpamScore.Training())
        for (account, own) in judging {
            guard let ownCounts = counts[account], account != Self.everybody else {
                scores[account] = sharedScore
                continue
            }
            let sum = zip(shared, ownCounts).map { Model.Counts(ham: $0.ham + $1.ham, spam: $0.spam + $1.spam) }
            scores[account] = Model.score(tokens, sum, global: global, account: own)
        }
        return scores
    }

    /// For each owner the counts of the tokens in their order.
    private func counts(of tokens: TokenSet, owners: [AccountID]) async throws -> [AccountID: [Model.Counts]] {
        try await database.read { connection in
            let json = tokens.json
            var found: [AccountID: [Model.Counts]] = [:]
            for owner in owners where found[owner] == nil {
                var counts = [Model.Counts](repeating: Model.Counts(), count: tokens.count)
                try connection.query(
                    """
                    SELECT hash64, ham, spam FROM token
                    WHERE account = ? AND hash64 IN (SELECT value FROM json_each(?))
                    """, .integer(owner.rawValue), .text(json)
                ) { row in
                    guard let position = tokens.position(of: UInt64(bitPattern: row.integer(0))) else { return }
                    counts[position] = Model.Counts(ham: Int(row.integer(1)), spam: Int(row.integer(2)))
                }
                found[owner] = counts
            }
            return found
        }
    }
}

extension SpamScore.Training {
    static func + (left: Self, right: Self) -> Self { Self(ham: left.ham + right.ham, spam: left.spam + right.spam) }
}
