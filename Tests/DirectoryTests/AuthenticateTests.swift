import MailCore
import Synchronization
import Testing

@testable import Directory

@Suite("Who may log in")
struct AuthenticateTests {
    private let ann = EmailAddress(localPart: "ann", domain: "here.test")

    @Test("The whole address and its password, in any case of the name; nothing else")
    func table() async throws {
        try await Fixture.with { fixture in
            let id = try await fixture.add("ann@here.test", password: "pw-secret-1")[0]
            let ok = Authentication.ok(Account(id: id, address: ann))
            let cases: [(String, String, Authentication)] = [
                ("ann@here.test", "pw-secret-1", ok), ("Ann@Here.TEST", "pw-secret-1", ok),
                ("ann@here.test", "pw-secret-2", .wrong), ("ann@here.test", "PW-SECRET-1", .wrong),
                ("ann@here.test", "", .wrong), ("ann@here.test", "pw-secret-1\u{0}x", .wrong),
                ("ann@here.test", String(repeating: "x", count: 100_000), .wrong),
                ("ann", "pw-secret-1", .wrong), ("ann+tag@here.test", "pw-secret-1", .wrong),
                ("bob@here.test", "pw-secret-1", .wrong), ("ann@other.test", "pw-secret-1", .wrong), ("", "", .wrong),
            ]
            for _ in 1...2 {
                for (login, password, expected) in cases {
                    let outcome = try await fixture.registry.authenticate(login: login, password: password)
                    #expect(outcome == expected, "\(login) \(password.prefix(20))")
                }
            }
        }
    }

    @Test("A new password counts at once, the old one no more")
    func newPassword() async throws {
        try await Fixture.with { fixture in
            let id = try await fixture.add("ann@here.test", password: "old")[0]
            let registry = fixture.registry
            let ok = Authentication.ok(Account(id: id, address: ann))
            #expect(try await registry.authenticate(login: "ann@here.test", password: "old") == ok)
            try await registry.setPassword(of: ann, to: "new")
            #expect(try await registry.authenticate(login: "ann@here.test", password: "old") == .wrong)
            #expect(try await registry.authenticate(login: "ann@here.test", password: "new") == ok)
        }
    }

    @Test("A disabled account is told its reason, but only with the right password; then it is let in again")
    func disabled() async throws {
        try await Fixture.with { fixture in
            let id = try await fixture.add("ann@here.test", password: "pw")[0]
            let registry = fixture.registry
            let ok = Authentication.ok(Account(id: id, address: ann))
            #expect(try await registry.authenticate(login: "ann@here.test", password: "pw") == ok)
            try await registry.setDisabled(ann, reason: "moved away")
            let outcome = try await registry.authenticate(login: "ann@here.test", password: "pw")
            #expect(outcome == .disabled(reason: "moved away"))
            #expect(try await registry.authenticate(login: "ann@here.test", password: "no") == .wrong)
            #expect(try await fixture.resolve("ann") == .account(id, ann))
            try await registry.setDisabled(ann, reason: nil)
            #expect(try await registry.authenticate(login: "ann@here.test", password: "pw") == ok)
        }
    }

    @Test("A removed account logs in no more, and its number is not given again")
    func removed() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            let id = try await fixture.add("ann@here.test", password: "pw")[0]
            _ = try await registry.authenticate(login: "ann@here.test", password: "pw")
            try await registry.removeAccount(ann) { _, _, _ in }
            #expect(try await registry.authenticate(login: "ann@here.test", password: "pw") == .wrong)
            #expect(try await fixture.add("ann@here.test", password: "pw")[0] != id)
        }
    }

    @Test("What was right is remembered for 60 s and no longer")
    func remembered() async throws {
        try await Fixture.with { fixture in
            let id = try await fixture.add("ann@here.test", password: "pw")[0]
            let logins = fixture.registry.logins
            let digest = logins.digest(login: "ann@here.test", password: "pw")
            #expect(logins.account(digest) == nil)
            _ = try await fixture.registry.authenticate(login: "ANN@here.test", password: "pw")
            #expect(logins.account(digest)?.id == id)
            fixture.clock.now.wrappingAdd(59_999, ordering: .relaxed)
            #expect(logins.account(digest)?.id == id)
            fixture.clock.now.wrappingAdd(1, ordering: .relaxed)
            #expect(logins.account(digest) == nil)
        }
    }

    @Test("A login that was verified while its password was changed is not remembered")
    func staleLogin() async throws {
        try await Fixture.with { fixture in
            let logins = fixture.registry.logins
            let digest = logins.digest(login: "ann@here.test", password: "pw")
            let generation = logins.generation
            logins.clear()
            logins.keep(Account(id: AccountID(rawValue: 1), address: ann), digest, generation: generation)
            #expect(logins.account(digest) == nil)
        }
    }
}
