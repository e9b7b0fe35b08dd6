import MailCore
import Testing

@testable import Directory

@Suite("Where mail to an address goes")
struct ResolveTests {
    private func address(_ text: String) throws -> EmailAddress { try #require(EmailAddress(text)) }

    @Test("Accounts, aliases, tags and strangers are told apart, without regard to case")
    func table() async throws {
        try await Fixture.with { fixture in
            let ids = try await fixture.add("ann@here.test", "bob@here.test")
            _ = try await fixture.alias("sales@here.test", "ann@here.test", "Else@Elsewhere.test")
            let ann = Resolution.account(ids[0], try address("ann@here.test"))
            let sales = Resolution.forward([try address("Else@elsewhere.test"), try address("ann@here.test")])
            let cases: [(String, String, Resolution)] = [
                ("ann", "here.test", ann), ("ANN", "HERE.test", ann), ("Ann+tag", "here.test", ann),
                ("ann+", "here.test", ann), ("ann+a+b", "here.test", ann),
                ("sales", "here.test", sales), ("SALES+x", "here.test", sales),
                ("nobody", "here.test", .unknownMailbox), ("+ann", "here.test", .unknownMailbox),
                ("", "here.test", .unknownMailbox), ("ann", "other.test", .unknownMailbox),
                ("a\"; DROP TABLE account; --", "here.test", .unknownMailbox),
                (String(repeating: "x", count: 5_000), "here.test", .unknownMailbox),
                ("ann", "elsewhere.test", .notLocal), ("ann", "sub.here.test", .notLocal), ("ann", "", .notLocal),
            ]
            // Twice: read, then remembered.
            for _ in 1...2 {
                for (localPart, domain, expected) in cases {
                    #expect(try await fixture.resolve(localPart, domain) == expected, "\(localPart)@\(domain)")
                }
            }
        }
    }

    @Test("postmaster@ and abuse@ of every domain exist (RFC 5321 §4.5.1, RFC 2142 §4): the oldest account gets them")
    func postmaster() async throws {
        try await Fixture.with { fixture in
            #expect(try await fixture.resolve("postmaster") == .unknownMailbox)  // Nobody is there at all.
            let ids = try await fixture.add("zoe@here.test", "ann@here.test")
            let zoe = Resolution.account(ids[0], try address("zoe@here.test"))
            #expect(try await fixture.resolve("Postmaster") == zoe)
            #expect(try await fixture.resolve("abuse+x") == zoe)
            #expect(try await fixture.resolve("postmaster", "other.test") == zoe)  // A domain without accounts.
            #expect(try await fixture.registry.resolvePostmaster() == zoe)
            _ = try await fixture.alias("postmaster@here.test", "ann@here.test")
            #expect(try await fixture.resolve("postmaster") == .forward([try address("ann@here.test")]))
            try await fixture.registry.removeAccount(try address("zoe@here.test")) { _, _, _ in }
            #expect(try await fixture.resolve("abuse") == .account(ids[1], try address("ann@here.test")))
        }
    }

    @Test("A domain can be added with its postmaster")
    func namedPostmaster() async throws {
        try await Fixture.with { fixture in
            try await fixture.registry.addDomain("Third.Test", postmaster: try address("boss@elsewhere.test"))
            let boss = Resolution.forward([try address("boss@elsewhere.test")])
            #expect(try await fixture.resolve("postmaster", "third.test") == boss)
            #expect(try await fixture.resolve("abuse", "third.test") == boss)
        }
    }

    @Test("The catch-all gets what nobody else does")
    func catchAll() async throws {
        try await Fixture.with { fixture in
            let id = try await fixture.add("ann@here.test")[0]
            _ = try await fixture.alias("@here.test", "ann@here.test")
            let ann = try address("ann@here.test")
            #expect(try await fixture.resolve("whoever") == .forward([ann]))
            #expect(try await fixture.resolve("ann") == .account(id, ann))
            #expect(try await fixture.resolve("abuse") == .account(id, ann))
            #expect(try await fixture.resolve("whoever", "other.test") == .unknownMailbox)
        }
    }

    @Test("Every change is seen by the next look-up")
    func invalidation() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            #expect(try await fixture.resolve("ann") == .unknownMailbox)
            let id = try await fixture.add("ann@here.test")[0]
            let ann = try address("ann@here.test")
            #expect(try await fixture.resolve("ann") == .account(id, ann))
            #expect(try await fixture.resolve("info") == .unknownMailbox)
            _ = try await fixture.alias("info@here.test", "ann@here.test")
            #expect(try await fixture.resolve("info") == .forward([ann]))
            try await registry.removeAlias(try address("info@here.test"))
            #expect(try await fixture.resolve("info") == .unknownMailbox)
            try await registry.removeAccount(ann) { _, _, _ in }
            #expect(try await fixture.resolve("ann") == .unknownMailbox)
            #expect(try await registry.isLocal(domain: "HERE.test"))
            try await registry.removeDomain("here.test")
            #expect(try await !registry.isLocal(domain: "here.test"))
            #expect(try await fixture.resolve("ann") == .notLocal)
        }
    }

    @Test("What strangers ask for is remembered in a bounded number")
    func bounded() {
        let cache = ResolutionCache()
        let one = EmailAddress(localPart: "one", domain: "here.test")
        cache.keep(.unknownMailbox, to: one, generation: cache.generation)
        for index in 1..<ResolutionCache.answersMax {
            cache.keep(.unknownMailbox, to: EmailAddress(localPart: "\(index)", domain: "d"), generation: 0)
        }
        #expect(cache.answer(to: one) == .unknownMailbox)
        cache.keep(.unknownMailbox, to: EmailAddress(localPart: "more", domain: "d"), generation: 0)
        #expect(cache.answer(to: one) == nil)
    }

    @Test("An answer that was read before a change is not kept after it")
    func staleAnswer() {
        let cache = ResolutionCache()
        let generation = cache.generation
        cache.clear()
        cache.keep(.notLocal, to: EmailAddress(localPart: "a", domain: "b"), generation: generation)
        cache.keep(domains: ["b"], generation: generation)
        #expect(cache.answer(to: EmailAddress(localPart: "a", domain: "b")) == nil)
        #expect(cache.domains == nil)
    }

    @Test("An account may send with its address, its tags and the aliases that lead to it, through loops too")
    func maySend() async throws {
        try await Fixture.with { fixture in
            let ids = try await fixture.add("ann@here.test", "bob@here.test")
            _ = try await fixture.alias("info@here.test", "team@here.test")
            _ = try await fixture.alias("team@here.test", "info@here.test", "ann@here.test")
            let cases: [(String, Bool, Bool)] = [
                ("ann@here.test", true, false), ("Ann+x@HERE.test", true, false), ("info@here.test", true, false),
                ("bob@here.test", false, true), ("nobody@here.test", false, false),
                ("ann@elsewhere.test", false, false),
            ]
            for (text, ann, bob) in cases {
                #expect(try await fixture.registry.maySend(as: address(text), account: ids[0]) == ann, "\(text)")
                #expect(try await fixture.registry.maySend(as: address(text), account: ids[1]) == bob, "\(text)")
            }
        }
    }

    @Test("A domain that has the addresses of another: accounts, aliases, catch-all and postmaster are the other's")
    func domainAlias() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            let id = try await fixture.add("ann@here.test")[0]
            try await registry.addDomain("too.test", aliasOf: "Here.Test")
            let ann = Resolution.account(id, try address("ann@here.test"))
            #expect(try await fixture.resolve("ANN+x", "too.test") == ann)
            #expect(try await fixture.resolve("postmaster", "too.test") == ann)
            #expect(try await fixture.resolve("nobody", "too.test") == .unknownMailbox)
            _ = try await fixture.alias("@here.test", "x@far.test")
            #expect(try await fixture.resolve("nobody", "too.test") == .forward([try address("x@far.test")]))
            #expect(try await registry.maySend(as: try address("ann@too.test"), account: id))
            await #expect(throws: DirectoryError.domainIsAlias("too.test", of: "here.test")) {
                try await fixture.add("bob@too.test")
            }
            await #expect(throws: DirectoryError.domainIsAlias("too.test", of: "here.test")) {
                try await fixture.alias("info@too.test", "ann@here.test")
            }
            await #expect(throws: DirectoryError.domainIsAlias("too.test", of: "here.test")) {
                try await registry.addDomain("three.test", aliasOf: "too.test")
            }
            try await registry.removeAccount(try address("ann@here.test")) { _, _, _ in }
            await #expect(throws: DirectoryError.domainHasAliases("here.test", ["too.test"])) {
                try await registry.removeDomain("here.test")
            }
            try await registry.removeDomain("too.test")
            #expect(try await fixture.resolve("nobody", "too.test") == .notLocal)
            try await registry.removeDomain("here.test")
        }
    }

    @Test("Forwards with and without a copy; mail that is refused with a reason; neither stops the postmaster's")
    func routing() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            let id = try await fixture.add("ann@here.test")[0]
            let ann = try address("ann@here.test")
            let targets = [try address("Bob@far.test"), try address("zoe@here.test")]
            for keepsCopy in [true, false] {
                try await registry.setForwards(
                    of: ann, to: [try address("Zoe@here.test"), targets[0]], keepsCopy: keepsCopy)
                let expected = Resolution.forwarding(id, ann, targets: targets, keepsCopy: keepsCopy)
                #expect(try await fixture.resolve("Ann+tag") == expected)
                #expect(try await fixture.resolve("postmaster") == .account(id, ann))
            }
            try await registry.setMailRefused(ann, reason: "gone fishing")
            #expect(try await fixture.resolve("ann") == .refused(ann, reason: "gone fishing"))
            #expect(try await fixture.resolve("postmaster") == .account(id, ann))
            try await registry.setMailRefused(ann, reason: nil)
            try await registry.setForwards(of: ann, to: [], keepsCopy: true)
            #expect(try await fixture.resolve("ann") == .account(id, ann))
        }
    }

    @Test("A list of which only members may write, its members through aliases; none may send as the list")
    func membersOnly() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            let ids = try await fixture.add("ann@here.test", "bob@here.test")
            _ = try await fixture.alias("info@here.test", "ann@here.test")
            let targets = [try address("info@here.test"), try address("x@far.test")]
            _ = try await registry.addAlias(try address("team@here.test"), targets: targets, isMembersOnly: true)
            #expect(try await fixture.resolve("team") == .membersOnly(targets))
            #expect(try await registry.isMember(ids[0], of: targets))
            #expect(try await !registry.isMember(ids[1], of: targets))
            #expect(try await !registry.maySend(as: try address("team@here.test"), account: ids[0]))
            #expect(try await registry.aliases().map(\.isMembersOnly) == [false, true, true])
            try await registry.setMembersOnly(try address("team@here.test"), false)
            #expect(try await fixture.resolve("team") == .forward(targets))
            try await registry.setMembersOnly(try address("team@here.test"), true)
            // A new alias of a name that a list had is anyone's to write to.
            try await registry.removeAlias(try address("team@here.test"))
            _ = try await fixture.alias("team@here.test", "ann@here.test")
            #expect(try await fixture.resolve("team") == .forward([try address("ann@here.test")]))
        }
    }

    @Test("What an account was granted it may send as: an address with its tags, or a whole domain")
    func grants() async throws {
        try await Fixture.with { fixture in
            let registry = fixture.registry
            let ids = try await fixture.add("ann@here.test", "bob@here.test")
            let ann = try address("ann@here.test")
            try await registry.grantSendAs(
                [try NameRules.sender("Bob@here.test"), try NameRules.sender("@Far.test")], to: ann)
            let cases = [
                ("bob@here.test", true), ("Bob+x@here.test", true), ("any@far.test", true), ("x@sub.far.test", false),
                ("bobx@here.test", false), ("x@other.test", false),
            ]
            for (text, expected) in cases {
                #expect(try await registry.maySend(as: try address(text), account: ids[0]) == expected, "\(text)")
            }
            #expect(try await !registry.maySend(as: ann, account: ids[1]))
            #expect(try await registry.revokeSendAs([try NameRules.sender("@far.test")], from: ann) == 1)
            #expect(try await !registry.maySend(as: try address("any@far.test"), account: ids[0]))
            // A forward does not make one account the other.
            try await registry.setForwards(of: try address("bob@here.test"), to: [ann], keepsCopy: true)
            #expect(try await registry.revokeSendAs([try NameRules.sender("bob@here.test")], from: ann) == 1)
            #expect(try await !registry.maySend(as: try address("bob@here.test"), account: ids[0]))
        }
    }
}
