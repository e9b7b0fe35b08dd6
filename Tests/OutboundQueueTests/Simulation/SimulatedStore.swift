import MailCore
import NIOCore

@testable import MessageStore
@testable import OutboundQueue

/// The queue in memory, which watches over what is done with it.
actor SimulatedStore: QueueStorage {
    /// What is wrong, a sentence each.
    private(set) var faults: [String] = []
    private var rows: [QueueKey: QueuedRecipient] = [:]
    private(set) var sent: [QueueKey: Int64] = [:]
    private(set) var bounced: [QueueKey: Int64] = [:]
    private let now: @Sendable () -> Int64

    init(now: @escaping @Sendable () -> Int64) { self.now = now }

    func add(_ row: QueuedRecipient) { rows[row.key] = row }

    var count: Int { rows.count }
    var waiting: [QueueKey] { Array(rows.keys) }

    /// What a new start does with leases.
    func restart() {
        for key in rows.keys where rows[key]?.state == .leased {
            rows[key]?.state = .waiting
            rows[key]?.nextAttemptAt = now()
        }
    }

    func dueQueue(_ priority: QueuePriority, now: Int64, limit: Int) -> [QueuedRecipient] {
        let due = rows.values.filter { $0.state == .waiting && $0.priority == priority && $0.nextAttemptAt <= now }
        let sorted = due.sorted {
            ($0.nextAttemptAt, $0.key.queueID, $0.key.recipient) < ($1.nextAttemptAt, $1.key.queueID, $1.key.recipient)
        }
        return Array(sorted.prefix(limit))
    }

    func nextQueueDue() -> Int64? { rows.values.filter { $0.state == .waiting }.map(\.nextAttemptAt).min() }

    func leaseQueue(_ keys: [QueueKey], owner: String, until: Int64) -> [QueueKey] {
        keys.filter { key in
            guard let row = rows[key], row.state == .waiting else { return false }
            if row.nextAttemptAt > now() { faults.append("\(key.recipient) was taken early") }
            rows[key]?.state = .leased
            return true
        }
    }

    func finishQueue(_ keys: [QueueKey], isSent: Bool, reply: String, by host: String?) {
        for key in keys {
            guard rows.removeValue(forKey: key) != nil else {
                faults.append("\(key.recipient) was finished twice")
                continue
            }
            if isSent { sent[key] = now() } else { bounced[key] = now() }
        }
    }

    func rescheduleQueue(_ keys: [QueueKey], at: Int64, lastReply: String?, by host: String?) {
        for key in keys {
            guard let row = rows[key], row.state == .leased else {
                faults.append("\(key.recipient) was put off and not leased")
                continue
            }
            let least = Backoff.delaySeconds(attempts: row.attempts + 1, jitter: 0)
            if at < min(now() + least, max(row.expiresAt, now() + 1)) {
                faults.append("\(key.recipient) is to be tried early")
            }
            rows[key]?.state = .waiting
            rows[key]?.nextAttemptAt = at
            rows[key]?.attempts += 1
        }
    }

    func releaseQueue(_ keys: [QueueKey], now: Int64) {
        for key in keys where rows[key]?.state == .leased {
            rows[key]?.state = .waiting
            rows[key]?.nextAttemptAt = now
        }
    }

    func noteDelayTold(_ keys: [QueueKey], at: Int64) {
        for key in keys { rows[key]?.delayToldAt = at }
    }

    nonisolated func octets(of body: BodyReference, range: Range<Int>?) -> ByteBuffer {
        ByteBuffer(string: "Subject: a\r\n\r\n")
    }

    func suppress(_ all: [Suppression]) {}
    func suppressed(_ addresses: [EmailAddress], now: Int64) -> [EmailAddress: Suppression] { [:] }
    func countTLSResults(_ results: [TLSResult: Int]) {}
    func tlsResults(day: Int64) -> [(result: TLSResult, count: Int)] { [] }
    nonisolated func onQueueChange(_ notify: @escaping @Sendable () -> Void) -> ChangeHub.Subscription? { nil }
}
