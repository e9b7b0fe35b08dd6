import Testing

@testable import MailCrypto

@Suite struct SASLprepTests {
    static let cases: [(String, String)] = [
        // RFC 4013 §3, examples 1 to 5.
        ("I\u{ad}X", "IX"), ("user", "user"), ("USER", "USER"), ("\u{aa}", "a"), ("\u{2168}", "IX"),
        // RFC 3454 C.1.2: other spaces.
        ("a\u{a0}b\u{3000}c", "a b c"),
        // Composed, and compatibility forms: as one keyboard or another makes them.
        ("Gru\u{308}n", "Gr\u{fc}n"), ("\u{ff50}\u{ff57}", "pw"), ("\u{fb01}sh", "fish"), ("\u{212b}", "\u{c5}"),
        ("\u{1112}\u{1161}\u{11ab}", "\u{d55c}"),
    ]

    @Test("a password is prepared as RFC 4013 has it, in form KC", arguments: cases)
    func prepares(_ password: String, _ expected: String) {
        #expect(SASLprep.prepared(password) == Array(expected.utf8))
    }

    @Test("two ways to write one password come to the same keys")
    func derives() {
        let salt = [UInt8](repeating: 7, count: 16)
        let composed = SCRAMKeys.derive("Gr\u{fc}n", salt: salt, iterations: 4_096)
        #expect(SCRAMKeys.derive("Gru\u{308}n", salt: salt, iterations: 4_096) == composed)
        #expect(SCRAMKeys.derive("Grun", salt: salt, iterations: 4_096) != composed)
    }
}
