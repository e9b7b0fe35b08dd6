import Control
import ControlServer
import Directory
import Execution
import Glibc
import MailCore
import MailCrypto
import SQLite
import Synchronization

final class FakeStorage: AccountStorage {
    let accounts = Mutex<Set<AccountID>>([])

    func createAccount(_ id: AccountID, domain: DomainID, in transaction: WriteTransaction) throws {
        accounts.withLock { _ = $0.insert(id) }
    }

    func removeAccount(_ id: AccountID, in transaction: WriteTransaction) throws {
        accounts.withLock { _ = $0.remove(id) }
    }

    func usage(of id: AccountID) async throws -> AccountUsage { AccountUsage(octets: 2_048, messages: 3) }

    func folders(of id: AccountID) async throws -> [FolderFacts] {
        [FolderFacts(name: "INBOX", messages: 3, unseen: 1, octets: 2_048)]
    }
}

final class FakeQueue: QueueControl {
    func list(_ filter: QueueFilter, limit: Int) async throws -> [QueueItem] {
        let item = QueueItem(
            id: 7, sender: .null, recipient: EmailAddress(localPart: "x", domain: "elsewhere.test"), octets: 10,
            queuedAt: 0, nextAttemptAt: nil, attempts: 2, lastReply: "450 later")
        return filter.id == nil || filter.id == 7 ? [item] : []
    }

    func retry(_ filter: QueueFilter) async throws -> Int { filter.id == nil || filter.id == 7 ? 1 : 0 }
}

final class FakeBackup: BackupControl {
    func sets(holding segment: Int64, upTo end: Int) async throws -> [String] { [] }

    private let sets = [BackupSet(name: "s1", createdAt: 0, octets: 5, octetsAdded: 1, messages: 2, state: "proven")]

    func now(progress: @escaping @Sendable (String) -> Void) async throws -> BackupSet {
        progress("Copying.")
        progress("Writing the manifest.")
        return sets[0]
    }

    func list() async throws -> [BackupSet] { sets }

    func verify(_ name: String?, progress: @escaping @Sendable (String) -> Void) async throws -> BackupProof? {
        switch name {
        case nil, "s1": BackupProof(set: "s1", findings: [], bodiesRead: 4)
        case "broken": BackupProof(set: "broken", findings: ["a segment is missing"], bodiesRead: 0)
        default: nil
        }
    }
}

final class FakeSpam: SpamControl {
    let learned = Mutex<[[UInt8]]>([])

    func learn(_ messages: [[UInt8]], as kind: SpamClass) async throws -> LearnOutcome {
        learned.withLock { $0 += messages }
        return LearnOutcome(learned: messages.count, known: 0)
    }
}

final class FakeStatus: StatusSource {
    func reports() async -> [Report] {
        [
            Report("server", record: [(.init("version", "Version"), "0.1.0")]),
            Report("queue", record: [(.init("waiting", "Waiting", .integer), "4")]),
        ]
    }
}

/// An administrator on a database of its own, with fakes of everything else.
struct Fixture {
    static let pool = BlockingPool(name: "test-hash", threads: 2, queueMax: 4_096)

    let folder: String
    let registry: Registry
    let storage = FakeStorage()
    let spam = FakeSpam()
    let administrator: Administrator

    static func with(_ body: (Fixture) async throws -> Void) async throws {
        var template = Array("/tmp/postino-control-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let database = try Database(options: .init(path: "\(folder)/mail.db", chapters: [Registry.chapter]))
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(Fixture(folder, database)))
        } catch {
            outcome = .failure(error)
        }
        await database.close()
        for name in ["mail.db", "mail.db-wal", "mail.db-shm", "control.sock"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
        try outcome.get()
    }

    private init(_ folder: String, _ database: Database) {
        self.folder = folder
        registry = Registry(database: database, hashing: Self.pool, cost: .lab)
        administrator = Administrator(
            registry: registry, storage: storage, queue: FakeQueue(), backup: FakeBackup(), spam: spam,
            status: FakeStatus())
    }

    /// The outcome, or the failure, of one request.
    func perform(_ request: Request, body: [UInt8] = []) async -> Result<Outcome, Failure> {
        do throws(Failure) {
            return .success(try await administrator.perform(request, body: body))
        } catch {
            return .failure(error)
        }
    }

    func addDomainAndAnn() async throws {
        _ = try await administrator.perform(.domainAdd(name: "here.test", postmaster: nil))
        let ann = NewMailbox(address: "ann@here.test", password: .given("pw"))
        _ = try await administrator.perform(.mailboxAdd(mailboxes: [ann], skippingExisting: false))
    }
}
