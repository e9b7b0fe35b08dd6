import Directory
import Execution
import Glibc
import MailCore
import MailCrypto
import MessageStore
import SQLite

@testable import IMAPServer

/// A store and a directory in a folder of their own, with ann@here.test and bob@here.test, whose password is "secret".
final class Fixture: Sendable {
    static let cpu = BlockingPool(name: "test-cpu", threads: 2, queueMax: 4_096)
    static let files = BlockingPool(name: "test-files", threads: 2, queueMax: 4_096)

    let services: Services
    let database: Database

    private init(services: Services, database: Database) {
        self.services = services
        self.database = database
    }

    /// 2026-11-23T12:00:00Z, INTERNALDATE of all that is appended without one.
    static let now: Int64 = 1_795_435_200

    static func with(_ body: (Fixture) async throws -> Void) async throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/postino-imap-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { remove(folder) }
        let database = try Database(
            options: .init(path: "\(folder)/mail.db", chapters: [Registry.chapter] + MessageStore.chapters))
        let store = try MessageStore(
            options: .init(directory: folder), database: database, cpu: cpu, files: files)
        let registry = Registry(database: database, hashing: cpu, cost: .lab)
        let fixture = Fixture(
            services: Services(registry: registry, store: store, cpu: cpu, version: "1", now: { now }),
            database: database)
        let outcome: Result<Void, any Error>
        do {
            try await registry.addDomain("here.test")
            let names = ["ann", "bob"].map {
                NewAccount(address: EmailAddress(localPart: $0, domain: "here.test"), password: "secret")
            }
            _ = try await registry.addAccounts(names) { try store.createAccount($0, domain: $1, in: $2) }
            outcome = .success(try await body(fixture))
        } catch {
            outcome = .failure(error)
        }
        await database.close()
        try outcome.get()
    }

    /// Removes a folder with all in it.
    private static func remove(_ path: String) {
        if let directory = opendir(path) {
            var names: [String] = []
            while let entry = readdir(directory) {
                names.append(
                    withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                )
            }
            closedir(directory)
            for name in names where name != "." && name != ".." { remove("\(path)/\(name)") }
        }
        if unlink(path) != 0 { rmdir(path) }
    }
}
