import Control
import ControlServer
import MailCore
import MessageStore

/// The store's queue, in the words of the command line.
struct StoredQueue: QueueControl {
    let store: MessageStore

    func list(_ filter: Control.QueueFilter, limit: Int) async throws -> [QueueItem] {
        let rows = try await store.listQueue(translated(filter), limit: limit)
        return rows.filter { isMeant($0, filter) }.map { row in
            QueueItem(
                id: row.key.queueID, sender: row.reversePath, recipient: row.recipient,
                octets: Int64(row.body.octetCount), queuedAt: row.createdAt,
                nextAttemptAt: row.state == .held ? nil : row.nextAttemptAt, attempts: row.attempts,
                lastReply: row.lastReply)
        }
    }

    func retry(_ filter: Control.QueueFilter) async throws -> Int {
        guard filter.sender != nil else { return try await store.retryQueue(translated(filter), now: Assembly.now()) }
        var count = 0
        for row in try await store.listQueue(translated(filter), limit: 10_000) where isMeant(row, filter) {
            let one = StoredQueueFilter(queueID: row.key.queueID, recipient: row.key.recipient)
            count += try await store.retryQueue(one, now: Assembly.now())
        }
        return count
    }

    private func translated(_ filter: Control.QueueFilter) -> StoredQueueFilter {
        StoredQueueFilter(
            queueID: filter.id, routeDomain: filter.domain?.lowercased(),
            recipient: filter.recipient.flatMap { EmailAddress($0)?.description } ?? filter.recipient)
    }

    private func isMeant(_ row: QueuedRecipient, _ filter: Control.QueueFilter) -> Bool {
        guard let sender = filter.sender else { return true }
        return (row.reversePath.address?.description ?? "").lowercased() == sender.lowercased()
    }
}
