import Glibc
import MailCore
import MailCrypto
import SQLite
import Testing

@testable import Directory

@Suite("A directory of an older version")
struct UpgradeTests {
    /// The statements that made the chapter in version 2.
    static let version2 = SchemaChapter(
        name: "directory", version: 2,
        create: [
            """
            CREATE TABLE domain (
              domain_id  INTEGER PRIMARY KEY AUTOINCREMENT,
              name       TEXT NOT NULL UNIQUE,
              created_at INTEGER NOT NULL
            )
            """,
            """
            CREATE TABLE account (
              account_id      INTEGER PRIMARY KEY AUTOINCREMENT,
              domain_id       INTEGER NOT NULL REFERENCES domain(domain_id),
              local_part      TEXT NOT NULL,
              password_hash   TEXT NOT NULL,
              disabled_reason TEXT,
              created_at      INTEGER NOT NULL,
              UNIQUE (domain_id, local_part)
            )
            """,
            """
            CREATE TABLE alias (
              domain_id  INTEGER NOT NULL REFERENCES domain(domain_id),
              local_part TEXT NOT NULL,
              target     TEXT NOT NULL,
              PRIMARY KEY (domain_id, local_part, target)
            ) WITHOUT ROWID
            """,
            "CREATE INDEX alias_by_target ON alias (target)",
        ])

    @Test("Version 2 is converted with its accounts, which get their SCRAM keys with their next login")
    func fromVersion2() async throws {
        var template = Array("/tmp/postino-directory-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for name in ["mail.db", "mail.db-wal", "mail.db-shm"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        let path = "\(folder)/mail.db"
        let old = try Database(options: .init(path: path, chapters: [Self.version2]))
        let hash = try PasswordHash.create("pw", cost: .lab).rawValue
        try await old.write { transaction in
            try transaction.execute("INSERT INTO domain VALUES (3, 'here.test', 7)")
            try transaction.execute("INSERT INTO account VALUES (9, 3, 'ann', ?, NULL, 8)", .text(hash))
        }
        await old.close()
        var options = Database.Options(path: path, chapters: [Registry.chapter])
        #expect(throws: DatabaseError.olderVersion(chapter: "directory", found: 2, known: 3)) {
            try Database(options: options)
        }
        options.convertsOlder = true
        let converted = try Database(options: options)
        #expect(try await converted.integrityCheck() == [])
        let registry = Registry(database: converted, hashing: Fixture.pool, cost: .lab)
        try await registry.learn()
        #expect(!registry.offersSCRAM)
        let id = AccountID(rawValue: 9)
        #expect(try await registry.pop3Access(of: id) == POP3Access())
        let account = Account(id: id, address: EmailAddress(localPart: "ann", domain: "here.test"))
        #expect(try await registry.authenticate(login: "ann@here.test", password: "pw") == .ok(account))
        #expect(registry.offersSCRAM)
        let keys = try await registry.scramKeys(login: "ann@here.test")
        #expect(try await registry.authenticate(login: "ann@here.test", keys: keys, isProven: true) == .ok(account))
        await converted.close()
    }

    @Test("Version 2 is converted with its aliases, and can do what is new")
    func routing() async throws {
        var template = Array("/tmp/postino-directory-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            for name in ["mail.db", "mail.db-wal", "mail.db-shm"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        let path = "\(folder)/mail.db"
        let old = try Database(options: .init(path: path, chapters: [Self.version2]))
        try await old.write { transaction in
            try transaction.execute("INSERT INTO domain VALUES (1, 'here.test', 5)")
            try transaction.execute("INSERT INTO account VALUES (7, 1, 'ann', '', NULL, 5)")
            try transaction.execute("INSERT INTO alias VALUES (1, 'info', 'ann@here.test')")
        }
        await old.close()
        var options = Database.Options(path: path, chapters: [Registry.chapter])
        options.convertsOlder = true
        let database = try Database(options: options)
        let registry = Registry(database: database, hashing: Fixture.pool, cost: .lab)
        let ann = EmailAddress(localPart: "ann", domain: "here.test")
        let info = EmailAddress(localPart: "info", domain: "here.test")
        #expect(try await registry.resolve(ann) == .account(AccountID(rawValue: 7), ann))
        #expect(try await registry.resolve(info) == .forward([ann]))
        try await registry.setMembersOnly(info, true)
        try await registry.addDomain("too.test", aliasOf: "here.test")
        try await registry.setForwards(
            of: ann, to: [EmailAddress(localPart: "x", domain: "far.test")], keepsCopy: true)
        #expect(try await registry.resolve(info) == .membersOnly([ann]))
        #expect(try await registry.routing(of: ann).forwards.count == 1)
        await database.close()
    }
}
