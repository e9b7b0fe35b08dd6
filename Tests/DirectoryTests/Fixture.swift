import Execution
import Glibc
import MailCore
import MailCrypto
import SQLite
import Synchronization

@testable import Directory

/// A registry on a database in a folder of its own, with the domains "here.test" and "other.test".
final class Fixture: Sendable {
    static let pool = BlockingPool(name: "test-hash", threads: 2, queueMax: 4_096)

    let registry: Registry
    let database: Database
    private let folder: String

    private init(folder: String, database: Database, makeRegistry: (@escaping @Sendable () -> Int64) -> Registry) {
        self.folder = folder
        self.database = database
        let clock = Clock()
        self.clock = clock
        registry = makeRegistry { clock.now.load(ordering: .relaxed) }
    }

    final class Clock: Sendable {
        let now = Atomic<Int64>(1_000)
    }

    let clock: Clock

    static func with(_ body: (Fixture) async throws -> Void) async throws {
        var template = Array("/tmp/postino-directory-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let database = try Database(options: .init(path: "\(folder)/mail.db", chapters: Registry.chapters))
        let fixture = Fixture(folder: folder, database: database) {
            Registry(database: database, hashing: pool, cost: .lab, now: $0)
        }
        let outcome: Result<Void, any Error>
        do {
            try await fixture.registry.addDomain("here.test")
            try await fixture.registry.addDomain("other.test")
            outcome = .success(try await body(fixture))
        } catch {
            outcome = .failure(error)
        }
        await database.close()
        for name in ["mail.db", "mail.db-wal", "mail.db-shm"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
        try outcome.get()
    }

    @discardableResult
    func add(_ addresses: String..., password: String = "secret") async throws -> [AccountID] {
        let accounts = try addresses.map { NewAccount(address: try NameRules.account($0), password: password) }
        return try await registry.addAccounts(accounts) { _, _, _ in }.map(\.id)
    }

    func alias(_ address: String, _ targets: String...) async throws -> [AliasWarning] {
        try await registry.addAlias(try NameRules.alias(address), targets: try targets.map(NameRules.target))
    }

    func resolve(_ localPart: String, _ domain: String = "here.test") async throws -> Resolution {
        try await registry.resolve(EmailAddress(localPart: localPart, domain: domain))
    }
}
