import Backup
import Control
import ControlServer
import DNS
import Directory
import MailCore
import MessageStore
import NIOCore
import SQLite
import SpamScoring

extension Assembly {
    /// Who does the administrator's commands on this store; without a status when nothing serves.
    func administrator(
        status: (any StatusSource)? = nil, resolver: (any Resolver)? = nil
    ) -> Administrator {
        Administrator(
            registry: registry, storage: StoredAccounts(store: store), store: store, queue: StoredQueue(store: store),
            backup: keeper.map(KeptBackups.init), spam: TaughtClassifier(classifier: classifier), status: status,
            resolver: resolver)
    }
}

private struct StoredAccounts: AccountStorage {
    let store: MessageStore

    func createAccount(_ id: AccountID, domain: DomainID, in transaction: WriteTransaction) throws {
        try store.createAccount(id, domain: domain, in: transaction)
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

private struct TaughtClassifier: SpamControl {
    let classifier: Classifier

    func learn(_ messages: [[UInt8]], as kind: SpamClass) async throws -> LearnOutcome {
        let outcome = try await classifier.learn(
            messages.map { ByteBuffer(bytes: $0) }, as: kind == .spam ? .spam : .ham)
        return LearnOutcome(learned: outcome.learned + outcome.changed, known: outcome.unchanged)
    }
}
