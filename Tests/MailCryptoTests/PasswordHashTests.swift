import Glibc
import MailCrypto
import Testing

@Suite struct PasswordHashTests {
    /// Made with libxcrypt through another program, for "p\u{e4}ss word".
    static let foreign = [
        "$y$j75$ouJd5HPiltxzXXoka5IVT1$Hwrov9oOruibSyJRMf.yrrh5rbdv4y15rlYLyF87Tq1",
        "$2b$04$JyYa34DB.Ygtzwobupa6FONknhuCrRDnac4i.CkxJDcIcBnhyNgqG",
        "$2y$04$Pae/oOaQ6RhRVl7hWIA6vOmjHUI49rT.KwytC2krPW.FXheDj0Yuq",
        "$6$rounds=1000$M3a.ctWXRREBJQvh$3YdrmjO1"
            + "HDfqyt9Nh8Jau9n2shzR9dMC4DcL1npIEFgpRmpopyX76QBxLS.BremFNJyO4EWGSkKvOTx7U5PJk0",
        "$5$rounds=1000$3G8DqDAYI08QqpXC$gIqTKwgVx2LefYq5OSkzrBXlNRJsDLZ.FaZ9YXHlXl6",
        "$1$HKTIfn6J$U1UzVmomVK4FJ9rvjzv3/1",
        "$gy$j75$vx4snONoM96pqwQPVkh9S0$ExDkX0VjJkslU0tHaVNbnGFwCiMJLLxOOlP4dGnRc/8",
    ]

    @Test("Hashes of other servers are verified, by the right password only", arguments: foreign)
    func verifies(hash: String) {
        let hash = PasswordHash(rawValue: hash)
        #expect(hash.isSupported)
        #expect(hash.verify("p\u{e4}ss word"))
        #expect(!hash.verify("p\u{e4}ss wore"))
        #expect(!hash.verify(""))
    }

    @Test(
        "Nothing is verified against a hash that is none, a locked one, or traditional DES",
        arguments: [
            "", "!", "*", "*0", "*1", "!$6$rounds=1000$x$y", "x", "plain", "$", "$$", "$9$abc$def", "$y$", "$2b$04$x",
            "b9QQVsTGZNzfI", "{PLAIN}secret",
        ])
    func refuses(hash: String) {
        let hash = PasswordHash(rawValue: hash)
        for password in ["", "x", "plain", "secret", "p\u{e4}ss word", hash.rawValue] {
            #expect(!hash.verify(password))
        }
    }

    @Test("A new hash is verified by its password; two of one password differ")
    func creates() throws {
        for (cost, prefix) in [(PasswordHash.Cost.standard, "$y$j9T$"), (.lab, "$6$rounds=1000$")] {
            let hash = try PasswordHash.create("secret", cost: cost)
            #expect(hash.rawValue.hasPrefix(prefix))
            #expect(hash.verify("secret"))
            #expect(!hash.verify("Secret"))
            #expect(try PasswordHash.create("secret", cost: cost) != hash)
        }
    }

    @Test("A password of 511 octets is taken whole; 512, none, and a NUL are refused")
    func bounds() throws {
        let longest = String(repeating: "p", count: 511)
        let hash = try PasswordHash.create(longest, cost: .lab)
        #expect(hash.verify(longest))
        #expect(!hash.verify(String(longest.dropLast()) + "q"))
        #expect(!hash.verify(longest + "p"))
        for password in [longest + "p", "", "a\0b"] {
            #expect(throws: PasswordHash.Failure.unusablePassword) { try PasswordHash.create(password, cost: .lab) }
        }
        // crypt(3) would end the password at the NUL.
        #expect(!(try PasswordHash.create("a", cost: .lab)).verify("a\0b"))
    }

    @Test("A login name that does not exist costs what one that exists does")
    func dummy() throws {
        for cost in [PasswordHash.Cost.standard, .lab] {
            let hash = try PasswordHash.create("secret", cost: cost)
            let real = Self.processorNanoseconds { _ = hash.verify("wrong") }
            let tooLong = String(repeating: "x", count: 1_000)
            // A dummy that libcrypt refused would take microseconds.
            #expect(Self.processorNanoseconds { PasswordHash.verifyDummy("wrong", cost: cost) } > real / 3)
            #expect(Self.processorNanoseconds { PasswordHash.verifyDummy(tooLong, cost: cost) } > real / 3)
        }
    }

    /// The least of five runs, in time of this thread: what else the machine does has no part in it.
    static func processorNanoseconds(_ work: () -> Void) -> Int {
        (0..<5).map { _ in
            var start = timespec()
            var end = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
            work()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
            return (end.tv_sec - start.tv_sec) * 1_000_000_000 + end.tv_nsec - start.tv_nsec
        }.min() ?? 0
    }

    @Test("No text made of a hash shows it")
    func description() {
        let hash = PasswordHash(rawValue: "$6$rounds=1000$salt$secretsecret")
        var dumped = ""
        dump(hash, to: &dumped)
        for text in ["\(hash)", String(reflecting: hash), "\([hash])", dumped] {
            #expect(!text.contains("secret") && !text.contains("salt"))
        }
    }

    @Test("A generated password is four groups of six signs that are not mistaken for each other")
    func generated() {
        var seen: Set<Character> = []
        for _ in 0..<200 {
            let password = GeneratedPassword.make()
            let groups = password.split(separator: "-")
            #expect(groups.map(\.count) == [6, 6, 6, 6])
            seen.formUnion(groups.joined())
        }
        #expect(seen == Set("abcdefghjkmnpqrstuvwxyz23456789"))
        #expect(GeneratedPassword.make() != GeneratedPassword.make())
    }
}
