import Backup
import Control
import ControlServer
import Directory
import MailCore
import MessageStore
import NIOCore
import SQLite
import SpamScoring

extension Assembly {
    /// Who does the administrator's commands on this store; without a status when nothing serves.
    func administrator(status: (any StatusSource)? = nil) -> Administrator {
        Administrator(
            registry: registry, storage: StoredAccounts(store: store), queue: StoredQueue(store: store),
            backup: keeper.map(KeptBackups.init), spam: TaughtClassifier(classifier: classifier), status: status)
    }
}

private struct StoredAccounts: AccountStorage {
    let store: MessageStore

    func createAccount(_ id: AccountID, in transaction: WriteTransaction) throws {
        try store.createAccount(id, in: transaction)
    }

    func removeAccount(_ id: AccountID, in transaction: WriteTransaction) throws {
        try store.removeAccount(id, in: transaction)
    }

    func usage(of id: AccountID) async throws -> AccountUsage {
        let usage = try await store.usage(of: id)
        return AccountUsage(octets: usage.octets, messages: Int(clamping: usage.messages))
    }

    func folders(of id: AccountID) async throws -> [FolderFacts] {
        try await store.mailboxes(of: id).map {
            FolderFacts(name: $0.name, messages: $0.messages, unseen: $0.unseen, octets: $0.octets)
        }
    }
}

private struct StoredQueue: QueueControl {
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
            let one = MessageStore.QueueFilter(queueID: row.key.queueID, recipient: row.key.recipient)
            count += try await store.retryQueue(one, now: Assembly.now())
        }
        return count
    }

    private func translated(_ filter: Control.QueueFilter) -> MessageStore.QueueFilter {
        MessageStore.QueueFilter(
            queueID: filter.id, routeDomain: filter.domain?.lowercased(),
            recipient: filter.recipient.flatMap { EmailAddress($0)?.description } ?? filter.recipient)
    }

    private func isMeant(_ row: QueuedRecipient, _ filter: Control.QueueFilter) -> Bool {
        guard let sender = filter.sender else { return true }
        return (row.reversePath.address?.description ?? "").lowercased() == sender.lowercased()
    }
}

private struct TaughtClassifier: SpamControl {
    let classifier: Classifier

    func learn(_ messages: [[UInt8]], as kind: SpamClass) async throws -> LearnOutcome {
        let outcome = try await classifier.learn(messages.map { ByteBuffer(bytes: $0) }, as: kind == .spam ? .spam : .ham)
        return LearnOutcome(learned: outcome.learned + outcome.changed, known: outcome.unchanged)
    }
}
