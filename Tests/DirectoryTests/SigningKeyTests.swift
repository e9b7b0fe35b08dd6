import MailCrypto
import Testing

@testable import Directory

@Suite("Signing keys") struct SigningKeyTests {
    private static func pair(_ stem: String) throws -> [(selector: String, key: SigningKey)] {
        [("\(stem)r", try SigningKey(generating: .rsa)), ("\(stem)e", try SigningKey(generating: .ed25519))]
    }

    @Test("the next keys wait, take over together, and the old ones stay known until they are forgotten")
    func rotates() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            try await registry.addDomain("example.test")
            let first = try Self.pair("a")
            try await registry.addSigningKeys(first, domain: "Example.test", signsAtOnce: true)
            #expect(try await registry.activeSigningKeys(of: "example.test").map(\.selector) == ["ar", "ae"])
            try await registry.addSigningKeys(try Self.pair("b"), domain: "example.test", signsAtOnce: false)
            #expect(try await registry.activeSigningKeys(of: "example.test").map(\.selector) == ["ar", "ae"])
            #expect(try await registry.startSigning("example.test") == 2)
            #expect(try await registry.startSigning("example.test") == 0)
            #expect(try await registry.activeSigningKeys(of: "example.test").map(\.selector) == ["br", "be"])
            let states = try await registry.signingKeys(of: "example.test").map {
                "\($0.selector) \($0.state.rawValue)"
            }
            #expect(states.sorted() == ["ae retired", "ar retired", "be signing", "br signing"])
            let kept = try await registry.signingKeys().first { $0.selector == "ar" }
            #expect(try kept?.key.publicOctets() == first[0].key.publicOctets())
            #expect(try await registry.removeSigningKeys(retiredBefore: 1).isEmpty)
            #expect(
                try await registry.removeSigningKeys(retiredBefore: .max).sorted()
                    == ["ae._domainkey.example.test", "ar._domainkey.example.test"])
        }
    }

    @Test("a selector is one key's; a domain that is not ours has none; a removed domain signs nothing")
    func refuses() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            let keys = try Self.pair("a")
            await #expect(throws: DirectoryError.noSuchDomain("example.test")) {
                try await registry.addSigningKeys(keys, domain: "example.test", signsAtOnce: true)
            }
            try await registry.addDomain("example.test")
            try await registry.addSigningKeys(keys, domain: "example.test", signsAtOnce: true)
            await #expect(throws: DirectoryError.self) {
                try await registry.addSigningKeys(keys, domain: "example.test", signsAtOnce: true)
            }
            #expect(try await registry.activeSigningKeys(of: "example.test").count == 2)
            try await registry.removeDomain("example.test")
            #expect(try await registry.activeSigningKeys(of: "example.test").isEmpty)
        }
    }

    @Test("a secret is made once")
    func secret() async throws {
        try await Fixture.with { fixture in
            let secret = try await fixture.registry.secret("srs")
            #expect(secret.count == 32)
            #expect(try await fixture.registry.secret("srs") == secret)
            #expect(try await fixture.registry.secret("other") != secret)
        }
    }
}
