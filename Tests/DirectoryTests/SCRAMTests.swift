import MailCore
import MailCrypto
import SQLite
import Testing

@testable import Directory

@Suite("Who may log in by SCRAM")
struct SCRAMTests {
    private let ann = EmailAddress(localPart: "ann", domain: "here.test")

    private func drop(_ fixture: Fixture) async throws {
        try await fixture.database.write { _ = try $0.execute("UPDATE account SET scram_keys = NULL") }
        try await fixture.registry.learn()
    }

    @Test("The keys are those of the password, of one salt each, and go with it")
    func keys() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            let id = try await fixture.add("ann@here.test", password: "old")[0]
            let keys = try await registry.scramKeys(login: "Ann@Here.test")
            #expect(SCRAMKeys.derive("old", salt: keys.salt, iterations: keys.iterations) == keys)
            let ok = Authentication.ok(Account(id: id, address: ann))
            #expect(try await registry.authenticate(login: "ANN@here.test", keys: keys, isProven: true) == ok)
            #expect(try await registry.authenticate(login: "ann@here.test", keys: keys, isProven: false) == .wrong)
            try await registry.setPassword(of: ann, to: "new")
            #expect(try await registry.authenticate(login: "ann@here.test", keys: keys, isProven: true) == .wrong)
            let fresh = try await registry.scramKeys(login: "ann@here.test")
            #expect(SCRAMKeys.derive("new", salt: fresh.salt, iterations: fresh.iterations) == fresh)
            try await registry.setDisabled(ann, reason: "away")
            #expect(
                try await registry.authenticate(login: "ann@here.test", keys: fresh, isProven: true)
                    == .disabled(reason: "away"))
        }
    }

    @Test("A name that has none gets keys all the same, always those, also after a start")
    func pretended() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            try await registry.learn()
            let keys = try await registry.scramKeys(login: "nobody@here.test")
            #expect(try await registry.scramKeys(login: "NOBODY@here.test") == keys)
            #expect(try await registry.scramKeys(login: "") != keys)
            let again = Registry(database: fixture.database, hashing: Fixture.pool, cost: .lab)
            try await again.learn()
            #expect(try await again.scramKeys(login: "nobody@here.test") == keys)
            #expect(try await registry.authenticate(login: "nobody@here.test", keys: keys, isProven: true) == .wrong)
            // An account without keys cannot be entered by what is pretended for it.
            try await fixture.add("ann@here.test")
            try await drop(fixture)
            let none = try await registry.scramKeys(login: "ann@here.test")
            #expect(try await registry.authenticate(login: "ann@here.test", keys: none, isProven: true) == .wrong)
        }
    }

    @Test("An account of an older store gets its keys with its first right password; till then nothing is offered")
    func later() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            try await fixture.add("ann@here.test", "bob@here.test", password: "pw")
            #expect(registry.offersSCRAM)
            try await drop(fixture)
            #expect(!registry.offersSCRAM)
            #expect(try await registry.authenticate(login: "ann@here.test", password: "wrong") == .wrong)
            #expect(!registry.offersSCRAM)
            _ = try await registry.authenticate(login: "ann@here.test", password: "pw")
            #expect(!registry.offersSCRAM)
            let keys = try await registry.scramKeys(login: "ann@here.test")
            #expect(SCRAMKeys.derive("pw", salt: keys.salt, iterations: keys.iterations) == keys)
            // Who cannot log in holds up nobody.
            try await registry.setDisabled(EmailAddress(localPart: "bob", domain: "here.test"), reason: "away")
            #expect(registry.offersSCRAM)
            try await registry.setDisabled(EmailAddress(localPart: "bob", domain: "here.test"), reason: nil)
            #expect(!registry.offersSCRAM)
            _ = try await registry.authenticate(login: "bob@here.test", password: "pw")
            #expect(registry.offersSCRAM)
        }
    }
}
