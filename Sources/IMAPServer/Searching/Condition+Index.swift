import MailCore
import MessageStore

/// What the index of an account is asked for one search.
struct IndexInquiry {
    private struct Question: Hashable {
        var needle: Needle
        var scope: SearchScope
    }

    let store: MessageStore
    let account: AccountID
    private var answers: [Question: IndexAnswer?] = [:]

    /// Of the texts in one search. Each costs milliseconds; what the others want is looked up in what is left.
    private static let questionsMax = 32

    init(store: MessageStore, account: AccountID) {
        self.store = store
        self.account = account
    }

    /// The same condition with what the index tells of its texts.
    mutating func answered(_ condition: Condition) async -> Condition {
        switch condition {
        // To look at the fields is as cheap.
        case .field(let text) where text.isKept && !text.needle.isSelective: return condition
        case .field(let text) where !text.needle.isEmpty:
            guard let answer = await ask(text.needle, .header) else { return condition }
            return .indexed(answer.withoutProof, condition)
        case .field(let text):
            // The index has each field as "Name: value".
            guard let answer = await ask(Needle(text.name + ":"), .header) else { return condition }
            return .indexed(answer.withoutProof, condition)
        case .body(let needle): return await ask(needle, .body).map { .indexed($0, condition) } ?? condition
        case .text(let needle): return await ask(needle, .text).map { .indexed($0, condition) } ?? condition
        case .not(let inner): return .not(await answered(inner))
        case .any(let conditions): return .any(await answered(conditions))
        case .all(let conditions): return .all(await answered(conditions))
        default: return condition
        }
    }

    private mutating func answered(_ conditions: [Condition]) async -> [Condition] {
        var result: [Condition] = []
        for condition in conditions { result.append(await answered(condition)) }
        return result
    }

    private mutating func ask(_ needle: Needle, _ scope: SearchScope) async -> IndexAnswer? {
        let question = Question(needle: needle, scope: scope)
        if let known = answers[question] { return known }
        guard answers.count < Self.questionsMax else { return nil }
        let answer = await store.search.answer(needle, in: scope, of: account)
        answers[question] = .some(answer)
        return answer
    }
}
