import MessageStore

/// What waits in memory for one destination, leased already, and how many connections work on it.
struct Line: Sendable {
    /// First in, first out; with few moves.
    private struct Row: Sendable {
        private var waiting: [Consignment] = []
        private var head = 0

        var count: Int { waiting.count - head }
        var all: ArraySlice<Consignment> { waiting[head...] }

        mutating func append(_ consignment: Consignment) { waiting.append(consignment) }

        mutating func takeFirst() -> Consignment? {
            guard head < waiting.count else { return nil }
            let first = waiting[head]
            head += 1
            if head == waiting.count {
                waiting.removeAll()
                head = 0
            } else if head > 512 {
                waiting.removeFirst(head)
                head = 0
            }
            return first
        }
    }

    private var persons = Row()
    private var bulk = Row()
    /// Recipients of what waits.
    private(set) var recipientCount = 0
    var workers = 0
    /// It stands among those that wait for somebody to work on them.
    var isUnserved = false

    var count: Int { persons.count + bulk.count }
    var isEmpty: Bool { count == 0 }
    /// Somebody's own mail is among it.
    var hasPersons: Bool { persons.count > 0 }
    /// Everything that waits, the first first.
    var all: [Consignment] { Array(persons.all) + Array(bulk.all) }

    /// When what is postponed next is due, and how many recipients are due then.
    private var windowAt: Int64 = 0
    private var windowCount = 0

    /// When so many recipients that are over the share are due again: spread over time, so that each is leased in vain
    /// about once, however many there are.
    mutating func postpone(_ recipients: Int, now: Int64, windowMax: Int, windowSeconds: Int64) -> Int64 {
        if windowAt <= now {
            (windowAt, windowCount) = (now + windowSeconds, 0)
        } else if windowCount >= windowMax {
            (windowAt, windowCount) = (windowAt + windowSeconds, 0)
        }
        windowCount += recipients
        return windowAt
    }

    mutating func append(_ consignment: Consignment) {
        if consignment.priority == .person { persons.append(consignment) } else { bulk.append(consignment) }
        recipientCount += consignment.recipients.count
    }

    /// A person's mail before all else.
    mutating func takeFirst() -> Consignment? {
        guard let first = persons.takeFirst() ?? bulk.takeFirst() else { return nil }
        recipientCount -= first.recipients.count
        return first
    }
}
