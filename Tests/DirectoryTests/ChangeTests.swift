import MailCore
import MailCrypto
import SQLite
import Synchronization
import Testing

@testable import Directory

@Suite("Changes of domains, accounts and aliases")
struct ChangeTests {
    private let ann = EmailAddress(localPart: "ann", domain: "here.test")

    @Test("A domain is added once, and removed only when it is empty")
    func domains() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            await #expect(throws: DirectoryError.domainExists("here.test")) {
                try await registry.addDomain("HERE.test.")
            }
            try await fixture.add("ann@here.test")
            _ = try await fixture.alias("@here.test", "ann@here.test")
            await #expect(throws: DirectoryError.domainInUse("here.test", accounts: 1)) {
                try await registry.removeDomain("here.test")
            }
            let rows = try await registry.domains()
            #expect(rows.map(\.name) == ["here.test", "other.test"])
            #expect(rows.map(\.accounts) == [1, 0])
            #expect(rows.map(\.aliases) == [1, 0])
            try await registry.removeAccount(ann) { _, _, _ in }
            try await registry.removeDomain("here.test")
            await #expect(throws: DirectoryError.noSuchDomain("here.test")) {
                try await registry.removeDomain("here.test")
            }
        }
    }

    static let badDomains = [
        "", ".", "a..b", "-a.test", "a_b.test", "bücher.test", "a b.test", "[127.0.0.1]",
        String(repeating: "a", count: 64) + ".test", String(repeating: "a.", count: 128),
    ]

    @Test("What is no domain name is refused", arguments: badDomains)
    func badDomain(_ name: String) {
        #expect(throws: DirectoryError.self) { try NameRules.domain(name) }
    }

    @Test("A domain name at the bound of 253 octets is taken, one more is refused")
    func longDomain() throws {
        let longest = String(repeating: "a.", count: 126) + "a"
        #expect(try NameRules.domain(longest) == longest)
        #expect(throws: DirectoryError.self) { try NameRules.domain(longest + "a.b") }
    }

    @Test("A local part at the bound of 64 octets is taken, one more is refused (RFC 5321 §4.5.3.1.1)")
    func longLocalPart() throws {
        let longest = String(repeating: "a", count: 64)
        #expect(try NameRules.account("\(longest)@here.test").localPart == longest)
        #expect(throws: DirectoryError.self) { try NameRules.account("\(longest)a@here.test") }
    }

    @Test(
        "What cannot be a mailbox's address is refused",
        arguments: [
            "", "ann", "@here.test", "ann@", "a b@here.test", "ann..b@here.test", ".ann@here.test", "ann.@here.test",
            "ann+tag@here.test", "\"ann\"@here.test", "ann@here@test", "a,b@here.test", "ann@here..test",
        ])
    func badAddress(_ text: String) {
        #expect(throws: DirectoryError.self) { try NameRules.account(text) }
    }

    @Test("Accounts are added together or not at all, and with them what the caller keeps")
    func together() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            try await fixture.add("ann@here.test")
            let both = ["bob", "ann"].map {
                NewAccount(address: EmailAddress(localPart: $0, domain: "here.test"), password: "pw")
            }
            await #expect(throws: DirectoryError.accountExists("ann@here.test")) {
                try await registry.addAccounts(both) { _, _, _ in }
            }
            #expect(try await fixture.resolve("bob") == .unknownMailbox)
            struct Failed: Error {}
            await #expect(throws: DirectoryError.self) {
                try await registry.addAccounts([both[0]]) { _, _, _ in throw Failed() }
            }
            #expect(try await fixture.resolve("bob") == .unknownMailbox)
            let made = Mutex<[AccountID]>([])
            let added = try await registry.addAccounts(both, skippingExisting: true) { id, _, _ in
                made.withLock { $0.append(id) }
            }
            #expect(added.map { "\($0.address)" } == ["bob@here.test"])
            #expect(made.withLock { $0 } == added.map(\.id))
        }
    }

    @Test("An account needs its domain, a free address and a usable password")
    func refused() async throws {
        try await Fixture.with { fixture in
            _ = try await fixture.alias("info@here.test", "ann@here.test")
            await #expect(throws: DirectoryError.noSuchDomain("gone.test")) { try await fixture.add("a@gone.test") }
            await #expect(throws: DirectoryError.addressTaken("info@here.test", by: "an alias")) {
                try await fixture.add("info@here.test")
            }
            for password in ["", "a\u{0}b", String(repeating: "x", count: 512)] {
                await #expect(throws: DirectoryError.self) { try await fixture.add("a@here.test", password: password) }
            }
            try await fixture.add("a@here.test", password: String(repeating: "x", count: 511))
            await #expect(throws: DirectoryError.noSuchAccount("b@here.test")) {
                try await fixture.registry.setPassword(of: EmailAddress(localPart: "B", domain: "here.test"), to: "x")
            }
        }
    }

    @Test("2,000 accounts are added and listed by pages")
    func bulk() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            let accounts = (0..<2_000).map {
                NewAccount(address: EmailAddress(localPart: "user\($0)", domain: "here.test"), password: "pw\($0)")
            }
            let made = Atomic<Int>(0)
            let added = try await registry.addAccounts(accounts) { _, _, _ in made.wrappingAdd(1, ordering: .relaxed) }
            #expect(added.map(\.address) == accounts.map(\.address))
            #expect(made.load(ordering: .relaxed) == 2_000)
            try await fixture.add("last@other.test")
            var listed: [EmailAddress] = []
            while true {
                let page = try await registry.accounts(after: listed.last, limit: 300)
                listed += page.map(\.account.address)
                if page.count < 300 { break }
            }
            #expect(listed.count == 2_001)
            #expect(Set(listed).count == 2_001)
            #expect(listed == listed.sorted { ($0.domain, $0.localPart) < ($1.domain, $1.localPart) })
            #expect(try await registry.accounts(domain: "Other.test").map(\.account.address.localPart) == ["last"])
            await #expect(throws: DirectoryError.noSuchDomain("x.test")) {
                try await registry.accounts(domain: "x.test")
            }
            #expect(
                try await registry.authenticate(login: "user1999@here.test", password: "pw1999") == .ok(added[1_999]))
        }
    }

    @Test("Removing an account takes it out of the aliases, and tells which")
    func removal() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            try await fixture.add("ann@here.test", "bob@here.test")
            _ = try await fixture.alias("team@other.test", "ANN@here.test", "bob@here.test")
            _ = try await fixture.alias("a@here.test", "ann@here.test")
            let removed = Mutex<[AccountID]>([])
            let aliases = try await registry.removeAccount(EmailAddress(localPart: "Ann", domain: "here.test")) {
                id, _, _ in
                removed.withLock { $0.append(id) }
            }
            #expect(aliases.map { "\($0)" } == ["a@here.test", "team@other.test"])
            #expect(removed.withLock { $0.count } == 1)
            #expect(
                try await registry.aliases().map { "\($0.address) \($0.target)" } == ["team@other.test bob@here.test"])
            #expect(try await registry.account(ann) == nil)
            await #expect(throws: DirectoryError.noSuchAccount("ann@here.test")) {
                try await registry.removeAccount(ann) { _, _, _ in }
            }
        }
    }

    @Test("An alias takes more targets, loses one or all; odd ones are told")
    func aliases() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            try await fixture.add("ann@here.test")
            #expect(try await fixture.alias("a@here.test", "ann@here.test", "x@elsewhere.test").isEmpty)
            #expect(try await fixture.alias("A@here.test", "ann@here.test").isEmpty)
            let address = try NameRules.alias("a@here.test")
            let gone = try NameRules.target("gone@here.test")
            #expect(try await fixture.alias("a@here.test", "gone@here.test") == [.noSuchTarget(gone)])
            #expect(try await registry.removeAlias(address, target: try NameRules.target("GONE@here.test")) == 1)
            #expect(try await fixture.alias("b@here.test", "a@here.test").isEmpty)
            let loop = try NameRules.target("b@here.test")
            #expect(try await fixture.alias("a@here.test", "b@here.test") == [.loop(loop)])
            #expect(try await fixture.alias("self@here.test", "self@here.test").count == 1)
            #expect(try await registry.removeAlias(address) == 3)
            await #expect(throws: DirectoryError.noSuchAlias("a@here.test")) { try await registry.removeAlias(address) }
            await #expect(throws: DirectoryError.noSuchAlias("@here.test")) {
                try await registry.removeAlias(try NameRules.alias("@here.test"))
            }
            await #expect(throws: DirectoryError.addressTaken("ann@here.test", by: "a mailbox")) {
                try await fixture.alias("ann@here.test", "x@elsewhere.test")
            }
            await #expect(throws: DirectoryError.noSuchDomain("gone.test")) {
                try await fixture.alias("a@gone.test", "x@elsewhere.test")
            }
        }
    }

    @Test("An alias has at most 1,000 targets; listing goes by pages")
    func manyTargets() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            let all = (0..<Registry.targetsMax).map { EmailAddress(localPart: "t\($0)", domain: "elsewhere.test") }
            let list = try NameRules.alias("list@here.test")
            #expect(try await registry.addAlias(list, targets: all).isEmpty)
            await #expect(throws: DirectoryError.limit("targets for one alias", max: 1_000)) {
                try await registry.addAlias(list, targets: [EmailAddress(localPart: "one", domain: "elsewhere.test")])
            }
            var listed: [AliasRow] = []
            while true {
                let page = try await registry.aliases(domain: "here.test", after: listed.last, limit: 300)
                listed += page
                if page.count < 300 { break }
            }
            #expect(Set(listed.map(\.target)) == Set(all))
            #expect(listed.count == all.count)
        }
    }

    @Test("What was changed is there when the file is opened again")
    func reopened() async throws {
        try await Fixture.with { fixture in
            try await fixture.add("ann@here.test", password: "pw")
            let other = Registry(database: fixture.database, hashing: Fixture.pool, cost: .lab)
            guard case .ok = try await other.authenticate(login: "ann@here.test", password: "pw") else {
                Issue.record("not let in")
                return
            }
        }
    }
}
