import Control
import ControlServer
import MailCore
import MessageStore

/// The store's queue, in the words of the command line.
struct StoredQueue: QueueControl {
    let store: MessageStore

    func list(_ filter: Control.QueueFilter, limit: Int) async throws -> [QueueItem] {
        let rows = try await store.listQueue(StoredQueueFilter(filter, now: Assembly.now()), limit: limit)
        return rows.map { row in
            QueueItem(
                id: row.key.queueID, sender: row.reversePath, recipient: row.recipient,
                octets: Int64(row.body.octetCount), queuedAt: row.createdAt,
                nextAttemptAt: row.state == .held ? nil : row.nextAttemptAt, attempts: row.attempts,
                lastReply: row.lastReply)
        }
    }

    func retry(_ filter: Control.QueueFilter) async throws -> Int {
        try await store.retryQueue(StoredQueueFilter(filter, now: Assembly.now()), now: Assembly.now())
    }
}
