/// What waits in memory for one destination, leased already, and how many connections work on it.
struct Line: Sendable {
    private var waiting: [Consignment] = []
    private var head = 0
    /// Recipients of what waits.
    private(set) var recipientCount = 0
    var workers = 0

    var count: Int { waiting.count - head }
    var isEmpty: Bool { count == 0 }
    /// Everything that waits, the first first.
    var all: ArraySlice<Consignment> { waiting[head...] }

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
        waiting.append(consignment)
        recipientCount += consignment.recipients.count
    }

    mutating func takeFirst() -> Consignment? {
        guard head < waiting.count else { return nil }
        let first = waiting[head]
        head += 1
        recipientCount -= first.recipients.count
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
