import MailAuth
import MailCore
import Testing

@Suite struct SenderRewritingTests {
    static let secret = [UInt8]("a secret of ours".utf8)
    static let us = SenderRewriting(domain: "us.example", secrets: [secret])
    static let them = SenderRewriting(domain: "them.example", secrets: [[UInt8]("their own secret".utf8)])
    static let third = SenderRewriting(domain: "third.example", secrets: [[UInt8]("one more secret!".utf8)])
    static let now: Int64 = 1_795_000_000
    static let day: Int64 = 86_400

    static func address(_ text: String) -> EmailAddress {
        let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
        return EmailAddress(localPart: parts[0], domain: parts[1])
    }

    static let senders = [
        "ann@example.org", "a@b.example", "ann+tag=x@example.org", "\u{e4}nn@b\u{fc}cher.example", "a=b=c@x.example",
        "srs@example.org", "SRS0@example.org", "-@x.example", String(repeating: "l", count: 64) + "@example.org",
    ]

    @Test("A rewritten sender is ours, and leads back", arguments: senders)
    func returns(_ text: String) throws {
        let sender = Self.address(text)
        let rewritten = Self.us.rewrite(sender, unixSeconds: Self.now)
        #expect(rewritten.domain == "us.example")
        #expect(rewritten.localPart.hasPrefix("SRS0="))
        #expect(rewritten.localPart.hasSuffix("=\(sender.domain)=\(sender.localPart)"))
        #expect(try Self.us.original(of: rewritten, unixSeconds: Self.now) == sender)
    }

    @Test("The shape: tag, hash, day, domain, local part; always the same")
    func shape() {
        let rewritten = Self.us.rewrite(Self.address("ann@example.org"), unixSeconds: Self.now)
        let parts = rewritten.localPart.split(separator: "=")
        #expect(parts.map(\.count) == [4, 6, 2, 11, 3])
        #expect(rewritten == Self.us.rewrite(Self.address("ann@example.org"), unixSeconds: Self.now + 1))
        #expect(rewritten != Self.us.rewrite(Self.address("ann@example.org"), unixSeconds: Self.now + Self.day))
        // 2026-11-18 is day 20,775 since 1970, 295 of 1,024.
        #expect(parts[2] == "JH")
    }

    @Test("Servers that change the case do no harm")
    func ignoresCase() throws {
        let rewritten = Self.us.rewrite(Self.address("Ann@example.org"), unixSeconds: Self.now)
        let lowered = EmailAddress(localPart: rewritten.localPart.lowercased(), domain: "US.example")
        #expect(try Self.us.original(of: lowered, unixSeconds: Self.now) == Self.address("ann@example.org"))
        let upper = EmailAddress(localPart: rewritten.localPart.uppercased(), domain: "us.example")
        #expect(try Self.us.original(of: upper, unixSeconds: Self.now).domain == "example.org")
    }

    static let forgeries = [
        "SRS0=AAAAAA=JH=example.org=ann", "SRS0=AAAAAA=JH=victim.example=eve", "SRS0==JH=example.org=ann",
        "SRS1=AAAAAA=them.example==HASH=JH=example.org=ann",
    ]

    @Test("A hash that is not ours is refused", arguments: forgeries)
    func refusesForgeries(_ local: String) {
        let address = EmailAddress(localPart: local, domain: "us.example")
        #expect(throws: SenderRewriting.Failure.forged) { try Self.us.original(of: address, unixSeconds: Self.now) }
    }

    @Test("Nothing of an address of ours can be changed")
    func refusesChanges() throws {
        let rewritten = Self.us.rewrite(Self.address("ann@example.org"), unixSeconds: Self.now)
        for index in rewritten.localPart.indices.dropFirst(5) {
            var local = rewritten.localPart
            local.replaceSubrange(index...index, with: local[index] == "7" ? "6" : "7")
            let address = EmailAddress(localPart: local, domain: "us.example")
            #expect(throws: SenderRewriting.Failure.self) { try Self.us.original(of: address, unixSeconds: Self.now) }
        }
        let tag = "SRS1" + rewritten.localPart.dropFirst(4)
        #expect(throws: SenderRewriting.Failure.self) {
            try Self.us.original(of: EmailAddress(localPart: tag, domain: "us.example"), unixSeconds: Self.now)
        }
    }

    static let ages: [(Int64, Bool)] = [(0, true), (21, true), (22, false), (500, false), (-1, false), (1_024, true)]

    @Test("Bounces come within three weeks", arguments: ages)
    func expires(_ days: Int64, _ isGood: Bool) throws {
        let rewritten = Self.us.rewrite(Self.address("ann@example.org"), unixSeconds: Self.now)
        let then = Self.now + days * Self.day
        if isGood {
            #expect(try Self.us.original(of: rewritten, unixSeconds: then) == Self.address("ann@example.org"))
        } else {
            #expect(throws: SenderRewriting.Failure.expired) { try Self.us.original(of: rewritten, unixSeconds: then) }
        }
    }

    static let strangers = [
        "ann@us.example", "srs0@us.example", "SRS0=@us.example", "SRS2=AAAAAA=JH=example.org=ann@us.example",
        "SRS0AAAAAA=JH=example.org=ann@us.example",
    ]

    @Test("What is no address of the scheme is none", arguments: strangers)
    func knowsOwn(_ text: String) {
        #expect(throws: SenderRewriting.Failure.notRewritten) {
            try Self.us.original(of: Self.address(text), unixSeconds: Self.now)
        }
    }

    @Test("An address of ours at another domain is not ours")
    func knowsDomain() {
        var rewritten = Self.us.rewrite(Self.address("ann@example.org"), unixSeconds: Self.now)
        rewritten.domain = "other.example"
        #expect(throws: SenderRewriting.Failure.notRewritten) {
            try Self.us.original(of: rewritten, unixSeconds: Self.now)
        }
    }

    @Test("Through a chain of forwarders the way back leads by the first, whatever their number")
    func chains() throws {
        let sender = Self.address("ann@example.org")
        let first = Self.us.rewrite(sender, unixSeconds: Self.now)
        let second = Self.them.rewrite(first, unixSeconds: Self.now)
        let third = Self.third.rewrite(second, unixSeconds: Self.now)
        #expect(second.localPart.hasPrefix("SRS1=") && second.localPart.contains("=us.example=="))
        #expect(third.localPart.hasPrefix("SRS1=") && third.localPart.contains("=us.example=="))
        #expect(third.localPart.utf8.count == second.localPart.utf8.count)
        #expect(try Self.third.original(of: third, unixSeconds: Self.now) == first)
        #expect(try Self.them.original(of: second, unixSeconds: Self.now) == first)
        #expect(try Self.us.original(of: first, unixSeconds: Self.now) == sender)
        #expect(throws: SenderRewriting.Failure.notRewritten) {
            try Self.us.original(of: third, unixSeconds: Self.now)
        }
    }

    @Test(
        "Others may write \"+\" or \"-\" behind the tag, and it comes back as they wrote it",
        arguments: ["+", "-", "="])
    func keepsSeparators(_ separator: String) throws {
        let theirs = EmailAddress(localPart: "SRS0\(separator)opaque=stuff", domain: "them.example")
        let rewritten = Self.us.rewrite(theirs, unixSeconds: Self.now)
        #expect(rewritten.localPart.hasSuffix("=them.example=\(separator)opaque=stuff"))
        #expect(try Self.us.original(of: rewritten, unixSeconds: Self.now) == theirs)
    }

    @Test("A secret can be changed while bounces are on their way")
    func changesSecret() throws {
        let new = [UInt8]("a newer secret !".utf8)
        let rewritten = Self.us.rewrite(Self.address("ann@example.org"), unixSeconds: Self.now)
        let both = SenderRewriting(domain: "us.example", secrets: [new, Self.secret])
        #expect(try both.original(of: rewritten, unixSeconds: Self.now) == Self.address("ann@example.org"))
        #expect(both.rewrite(Self.address("ann@example.org"), unixSeconds: Self.now) != rewritten)
        let newOnly = SenderRewriting(domain: "us.example", secrets: [new])
        #expect(throws: SenderRewriting.Failure.forged) { try newOnly.original(of: rewritten, unixSeconds: Self.now) }
    }
}
