import Glibc
import MailCore
import MailCrypto
import SQLite
import Testing

@testable import Directory

@Suite("A directory of an older version")
struct UpgradeTests {
    /// The statements that made the chapter in version 2.
    private static let version2 = [
        """
        CREATE TABLE domain (
          domain_id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL)
        """,
        """
        CREATE TABLE account (
          account_id INTEGER PRIMARY KEY AUTOINCREMENT, domain_id INTEGER NOT NULL REFERENCES domain(domain_id),
          local_part TEXT NOT NULL, password_hash TEXT NOT NULL, disabled_reason TEXT, created_at INTEGER NOT NULL,
          UNIQUE (domain_id, local_part))
        """,
        """
        CREATE TABLE alias (
          domain_id INTEGER NOT NULL REFERENCES domain(domain_id), local_part TEXT NOT NULL, target TEXT NOT NULL,
          PRIMARY KEY (domain_id, local_part, target)) WITHOUT ROWID
        """,
        "CREATE INDEX alias_by_target ON alias (target)",
        "INSERT INTO domain VALUES (1, 'here.test', 5)",
        "INSERT INTO account VALUES (7, 1, 'ann', '', NULL, 5)",
        "INSERT INTO alias VALUES (1, 'info', 'ann@here.test')",
    ]

    @Test("version 2 is converted with its domains, accounts and aliases, and can do what is new")
    func fromVersion2() async throws {
        var template = Array("/tmp/postino-directory-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for name in ["mail.db", "mail.db-wal", "mail.db-shm"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        let old = SchemaChapter(name: "directory", version: 2, create: Self.version2)
        await (try Database(options: .init(path: "\(folder)/mail.db", chapters: [old]))).close()
        var options = Database.Options(path: "\(folder)/mail.db", chapters: [Registry.chapter])
        options.convertsOlder = true
        let database = try Database(options: options)
        let registry = Registry(database: database, hashing: Fixture.pool, cost: .lab)
        let ann = EmailAddress(localPart: "ann", domain: "here.test")
        let info = EmailAddress(localPart: "info", domain: "here.test")
        #expect(try await registry.resolve(ann) == .account(AccountID(rawValue: 7), ann))
        #expect(try await registry.resolve(info) == .forward([ann]))
        try await registry.setMembersOnly(info, true)
        try await registry.addDomain("too.test", aliasOf: "here.test")
        try await registry.setForwards(of: ann, to: [EmailAddress(localPart: "x", domain: "far.test")], keepsCopy: true)
        #expect(try await registry.resolve(info) == .membersOnly([ann]))
        #expect(try await registry.routing(of: ann).forwards.count == 1)
        await database.close()
    }
}
