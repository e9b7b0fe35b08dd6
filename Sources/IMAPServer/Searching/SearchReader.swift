import MIME
import MailCore
import MessageStore
import NIOCore

/// Decides on messages of which the narrow row does not tell enough.
struct SearchReader {
    let store: MessageStore
    let account: AccountID
    /// With what the index tells, once it was asked.
    private(set) var condition: Condition
    private var inquiry: IndexInquiry
    private var isAsked = false
    private let indexFrom: Int
    private var hits: [UID] = []

    /// Places of bodies that are asked for at once.
    private static let contentsMax = 250

    init(store: MessageStore, account: AccountID, condition: Condition, indexFrom: Int) {
        self.store = store
        self.account = account
        self.condition = condition
        inquiry = IndexInquiry(store: store, account: account)
        self.indexFrom = indexFrom
    }

    /// Not more than once.
    mutating func askIndex() async {
        isAsked = true
        condition = await inquiry.answered(condition)
    }

    /// The UIDs of those that match, in any order.
    mutating func hits(among rows: [NarrowRow]) async throws -> [UID] {
        hits = []
        var open = rows
        if !isAsked, open.count >= indexFrom {
            await askIndex()
            open = open.filter { isOpen($0.uid, Candidate($0).satisfies(condition)) }
        }
        if !open.isEmpty, condition.asksKeptFields { open = try await judgeFields(open) }
        if !open.isEmpty { try await judgeContents(open) }
        return hits
    }

    /// Notes a hit.
    private mutating func isOpen(_ uid: UID, _ verdict: Bool?) -> Bool {
        if verdict == true { hits.append(uid) }
        return verdict == nil
    }

    /// Looks at the fields that are kept apart.
    private mutating func judgeFields(_ rows: [NarrowRow]) async throws -> [NarrowRow] {
        let isInOrder = zip(rows, rows.dropFirst()).allSatisfy { $0.messageID <= $1.messageID }
        let rows = isInOrder ? rows : rows.sorted { $0.messageID < $1.messageID }
        var open: [NarrowRow] = []
        for start in stride(from: 0, to: rows.count, by: MessageStore.contentsMax) {
            let part = Array(rows[start..<min(start + MessageStore.contentsMax, rows.count)])
            let verdicts = try await store.keptFields(of: account, messages: part.map(\.messageID)) { [condition] in
                Candidate(part[$0], .fields($1)).satisfies(condition)
            }
            for (row, verdict) in zip(part, verdicts) where isOpen(row.uid, verdict) { open.append(row) }
        }
        return open
    }

    /// Reads what is left: small bodies many at once.
    private mutating func judgeContents(_ rows: [NarrowRow]) async throws {
        let readsBodies = condition.depth == .body
        for start in stride(from: 0, to: rows.count, by: Self.contentsMax) {
            let part = rows[start..<min(start + Self.contentsMax, rows.count)]
            let byMessage = Dictionary(grouping: part, by: \.messageID)
            var rest = try await store.contents(of: account, messages: byMessage.keys.sorted())[...]
            while !rest.isEmpty {
                var octets = 0
                let batch = rest.prefix { content in
                    defer { octets += content.body.octetCount }
                    return octets < FetchRun.batchOctetsMax
                }
                rest = rest.dropFirst(batch.count)
                if octets <= 2 * FetchRun.batchOctetsMax {
                    let bodies = try await store.octets(of: batch.map(\.body))
                    for (content, body) in zip(batch, bodies) { judge(byMessage, content, body, isWhole: readsBodies) }
                } else {
                    for content in batch {
                        let range = readsBodies ? nil : 0..<min(content.headerOctets, content.body.octetCount)
                        let body = try await store.octets(of: content.body, range: range)
                        judge(byMessage, content, body, isWhole: readsBodies)
                    }
                }
            }
        }
    }

    private mutating func judge(
        _ rows: [Int64: [NarrowRow]], _ content: MessageContent, _ octets: ByteBuffer, isWhole: Bool
    ) {
        let own = Header(parsing: content.prefix)
        let contents: Candidate.Contents =
            isWhole
            ? .message(MIME.Message(parsing: octets), own: own) : .headers([own, Header(parsing: octets)])
        // Copies of a message share its octets.
        for row in rows[content.messageID] ?? [] where Candidate(row, contents).satisfies(condition) == true {
            hits.append(row.uid)
        }
    }
}
