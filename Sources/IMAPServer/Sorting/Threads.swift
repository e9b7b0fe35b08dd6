import IMAP
import MIME
import MailCore
import MessageStore

/// A message as THREAD looks at it.
struct ThreadMessage: Sendable {
    var uid: UID
    var sentDate: Int64
    var subject: BaseSubject
    /// Nil where there is none.
    var messageID: String?
    /// The oldest first; of In-Reply-To the first where there is no References field (RFC 5256 §3).
    var references: [String]

    init(_ summary: MessageSummary, _ header: Header?) {
        uid = summary.uid
        sentDate = summary.sentDate
        subject = BaseSubject(of: header?.subject ?? "")
        messageID = header?.messageID
        let named = header?.messageIDs("References", max: Self.referencesMax) ?? []
        references = named.isEmpty ? header?.messageIDs("In-Reply-To", max: 1) ?? [] : named
    }

    static let referencesMax = 200
}

/// Threads as trees: what THREAD answers.
struct Threads: Sendable {
    var nodes: [ThreadNode] = []
    var roots: [Int] = []

    /// - Parameter number: what stands for a message in the answer.
    init(_ algorithm: Threading.Algorithm, _ messages: [ThreadMessage], number: (UID) -> UInt32) {
        switch algorithm {
        case .orderedSubject: orderBySubject(messages, number)
        case .references, .refs:
            var builder = ReferenceThreads(messages)
            builder.link()
            builder.prune()
            if algorithm == .references { builder.joinSubjects() }
            (nodes, roots) = builder.tree(newestLast: algorithm == .refs, number)
        }
    }

    /// RFC 5256 §3, ORDEREDSUBJECT: all others of a subject are children of its first message.
    private mutating func orderBySubject(_ messages: [ThreadMessage], _ number: (UID) -> UInt32) {
        let ordered = messages.map { (key: SortKeys.collated($0.subject.text), message: $0) }.sorted { a, b in
            if a.key != b.key { return a.key.lexicographicallyPrecedes(b.key) }
            return (a.message.sentDate, a.message.uid) < (b.message.sentDate, b.message.uid)
        }
        var firsts: [(root: Int, message: ThreadMessage)] = []
        var last: [UInt8]?
        for (key, message) in ordered {
            let index = nodes.count
            nodes.append(ThreadNode(number: number(message.uid)))
            if key == last, let root = firsts.last?.root {
                nodes[root].children.append(index)
            } else {
                firsts.append((index, message))
            }
            last = key
        }
        roots = firsts.sorted { ($0.message.sentDate, $0.message.uid) < ($1.message.sentDate, $1.message.uid) }
            .map(\.root)
    }
}
