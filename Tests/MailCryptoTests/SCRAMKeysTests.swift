import MailCrypto
import Testing

@Suite struct SCRAMKeysTests {
    private static let exampleSalt = "W22ZaJ0SNY7soEsUEjb6gQ=="
    private static let exampleKeys =
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="

    @Test("RFC 7677 §3, RFC 5803 §2: the keys of its example, as they are stored")
    func example() throws {
        let salt = try #require(Base64.decode(Self.exampleSalt))
        let keys = SCRAMKeys.derive("pencil", salt: salt, iterations: 4_096)
        #expect(keys.text == "SCRAM-SHA-256$4096:\(Self.exampleSalt)$\(Self.exampleKeys)")
        #expect(SCRAMKeys(text: keys.text) == keys)
    }

    @Test(
        "What is not such a text is none",
        arguments: [
            "", "SCRAM-SHA-256", "SCRAM-SHA-1$4096:AAAA$AAAA:AAAA", "SCRAM-SHA-256$4096:AAAA$AAAA:AAAA",
            "SCRAM-SHA-256$4095:\(exampleSalt)$\(exampleKeys)",
            "SCRAM-SHA-256$65537:\(exampleSalt)$\(exampleKeys)",
            "SCRAM-SHA-256$4096:$\(exampleKeys)",
        ])
    func notKeys(text: String) { #expect(SCRAMKeys(text: text) == nil) }

    @Test("Two of one password differ; no text made of them shows them")
    func fresh() {
        let first = SCRAMKeys.create("secret", cost: .lab)
        #expect(first != SCRAMKeys.create("secret", cost: .lab))
        #expect(SCRAMKeys.derive("secret", salt: first.salt, iterations: 4_096) == first)
        var dumped = ""
        dump(first, to: &dumped)
        for text in ["\(first)", String(reflecting: first), dumped] {
            #expect(!text.contains(Base64.encode(first.storedKey.octets)))
            #expect(!text.contains("\(first.storedKey)"))
        }
    }

    @Test("Keys that are pretended stay the same for a name, and look like any")
    func pretended() {
        let keys = SCRAMKeys.pretended(for: "nobody", secret: [1, 2, 3], cost: .lab)
        #expect(keys == SCRAMKeys.pretended(for: "nobody", secret: [1, 2, 3], cost: .lab))
        #expect(keys != SCRAMKeys.pretended(for: "nobody", secret: [1, 2, 4], cost: .lab))
        #expect(keys.salt != SCRAMKeys.pretended(for: "somebody", secret: [1, 2, 3], cost: .lab).salt)
        let real = SCRAMKeys.create("secret", cost: .lab)
        #expect(keys.salt.count == real.salt.count)
        #expect(keys.iterations == real.iterations)
    }

    @Test("RFC 4013 §2.1: another space is a space, and what is invisible is nothing")
    func prepared() {
        for (typed, meant) in [("p\u{a0}w\u{e9}", "p w\u{e9}"), ("p\u{ad}w\u{e9}\u{200d}", "pw\u{e9}")] {
            #expect(
                SCRAMKeys.derive(typed, salt: [1], iterations: 4_096)
                    == SCRAMKeys.derive(meant, salt: [1], iterations: 4_096))
        }
    }
}
