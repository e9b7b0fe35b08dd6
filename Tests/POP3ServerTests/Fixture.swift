import Directory
import Execution
import Glibc
import MailCore
import MailCrypto
import MessageStore
import NIOCore
import POP3
import SQLite
import Synchronization
import Transport

@testable import POP3Server

/// A store and a directory in a folder of their own, with ann@here.test and bob@here.test, password "secret".
final class Fixture: Sendable {
    static let hashing = BlockingPool(name: "test-hash", threads: 2, queueMax: 1_000)

    let database: Database
    let registry: Registry
    let store: MessageStore
    let services: Services
    let clock = Clock()
    private let files = BlockingPool(name: "test-files", threads: 2, queueMax: 10_000)
    private let folder: String

    /// Shows the time, and more than that.
    final class Clock: Sendable {
        let aheadSeconds = Atomic<Int64>(0)
    }

    private init(_ folder: String, _ locks: MaildropLocks, _ loginDelaySeconds: Int) throws {
        self.folder = folder
        database = try Database(
            options: .init(path: "\(folder)/mail.db", chapters: [Registry.chapter, MessageStore.chapter]))
        registry = Registry(database: database, hashing: Self.hashing, cost: .lab)
        store = try MessageStore(
            options: MessageStore.Options(directory: folder), database: database, cpu: files, files: files)
        let clock = clock
        services = Services(registry: registry, store: store, locks: locks, loginDelaySeconds: loginDelaySeconds) {
            Services.unixSeconds() + clock.aheadSeconds.load(ordering: .relaxed)
        }
    }

    static func with(
        _ locks: MaildropLocks = MaildropLocks(), loginDelaySeconds: Int = 0, _ body: (Fixture) async throws -> Void
    ) async throws {
        var template = Array("/tmp/postino-pop3-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { remove(folder) }
        let fixture = try Fixture(folder, locks, loginDelaySeconds)
        let outcome: Result<Void, any Error>
        do {
            try await fixture.registry.addDomain("here.test")
            let accounts = ["ann", "bob"].map {
                NewAccount(address: EmailAddress(localPart: $0, domain: "here.test"), password: "secret")
            }
            _ = try await fixture.registry.addAccounts(accounts) { [store = fixture.store] id, domain, transaction in
                try store.createAccount(id, domain: domain, in: transaction)
            }
            outcome = .success(try await body(fixture))
        } catch {
            outcome = .failure(error)
        }
        await fixture.database.close()
        fixture.files.stop()
        try outcome.get()
    }

    var ann: AccountID {
        get async throws {
            let row = try await registry.account(EmailAddress(localPart: "ann", domain: "here.test"))
            return row?.account.id ?? AccountID(rawValue: 0)
        }
    }

    func inbox() async throws -> MailboxRow { try await store.mailbox(of: ann, named: "INBOX") }

    /// Delivers to ann's INBOX.
    func deliver(_ texts: String..., prefix: String = "") async throws {
        let copy = LocalCopy(account: try await ann, prefix: ByteBuffer(string: prefix))
        for text in texts {
            let staged = try await store.stage(ByteBuffer(string: text))
            try await store.deliver(staged, to: [copy])
        }
    }

    /// Delivers many at once.
    func deliver(count: Int, _ text: @escaping @Sendable (Int) -> String) async throws {
        let copy = LocalCopy(account: try await ann)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                if number >= 200 { try await group.next() }
                group.addTask { [store] in
                    let staged = try await store.stage(ByteBuffer(string: text(number)))
                    try await store.deliver(staged, to: [copy])
                }
            }
            try await group.waitForAll()
        }
    }

    func session() -> MaildropSession {
        let endpoint = SocketEndpoint(host: "127.0.0.1", port: 1)
        return MaildropSession(
            services: services, facts: ConnectionFacts(identifier: "c1", local: endpoint, remote: endpoint))
    }

    private static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
