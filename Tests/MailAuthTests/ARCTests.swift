import DNS
import MIME
import MailAuth
import MailCrypto
import NIOCore
import Synchronization
import Testing

@Suite struct ARCTests {
    static let suite = ARCSuite.shared

    static func verify(_ message: Message, _ resolver: any Resolver = suite.resolver) async -> ARCOutcome {
        await SignatureVerifier(resolver: resolver).verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: 1_500_000_000
        ).arc
    }

    @Test("The tables are found")
    func tables() {
        #expect(Self.suite.validations.count == 175)
        #expect(Self.suite.signings.count == 17)
    }

    @Test("RFC 8617 §5.2: every case of the public suite", arguments: suite.validations)
    func validates(_ c: ARCSuite.Validation) async {
        let outcome = await Self.verify(c.message)
        #expect(outcome.status.rawValue == c.expected, "\(outcome.reason)")
        #expect(outcome.reason.isEmpty == (outcome.status != .fail))
    }

    // MARK: Sealing

    static func key() throws -> DKIMKey {
        try DKIMKey(domain: "example.org", selector: "dummy", key: SigningKey(pem: suite.pem))
    }

    /// The message with fields in front of it.
    static func prepending(_ fields: ByteBuffer, _ message: Message) -> Message {
        var octets = fields
        octets.writeImmutableBuffer(message.octets)
        return Message(parsing: octets)
    }

    /// What the message's Authentication-Results of lists.example.org say together.
    static func results(of message: Message) -> AuthenticationResults {
        var results = AuthenticationResults(authservID: "lists.example.org", results: [])
        for field in message.header.all("Authentication-Results") {
            let value = Array(message.header.value(of: field).readableBytesView)
            guard let read = AuthenticationResults(parsing: value), read.authservID == results.authservID else {
                continue
            }
            results.results += read.results
        }
        return results
    }

    static func tags(_ value: String) -> [String: String] {
        Dictionary(
            value.split(separator: ";").map { tag in
                let pair = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (pair[0].filter { !$0.isWhitespace }, pair.dropFirst().joined().filter { !$0.isWhitespace })
            }.filter { !$0.0.isEmpty }, uniquingKeysWith: { $1 })
    }

    @Test("RFC 8617 §5.1: every signing case of the public suite", arguments: suite.signings)
    func seals(_ c: ARCSuite.Signing) async throws {
        let before = await Self.verify(c.message)
        let sealer = ARCSealer(try Self.key(), headerNames: c.headerNames)
        let fields = try await sealer.seal(
            c.message.header, body: InMemoryBody(of: c.message), results: Self.results(of: c.message),
            status: before.status, unixSeconds: c.seconds)
        guard !c.seal.isEmpty else {
            #expect(fields.readableBytes == 0)
            return
        }
        let header = Header(parsing: fields)
        #expect(header.fields.map { header.name(of: $0) } == Self.fieldNames)
        let values = header.fields.map { String(buffer: header.value(of: $0)) }
        for (ours, theirs) in zip(values, [c.seal, c.signature]) {
            var (ours, theirs) = (Self.tags(ours), Self.tags(theirs))
            // The blanks in their b= are part of what is signed, so that ours is another.
            #expect(ours.removeValue(forKey: "b") != nil)
            theirs["b"] = nil
            #expect(ours == theirs)
        }
        #expect(Self.payload(values[2]) == Self.payload(c.results))
        // A chain that was whole is whole behind our seal; one that was not says so.
        let after = await Self.verify(Self.prepending(fields, c.message))
        #expect(after.status == (before.status == .fail ? .fail : .pass), "\(after.reason)")
    }

    static let fieldNames = ["ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"]

    static func payload(_ value: String) -> AuthenticationResults? {
        let parts = value.split(separator: ";", maxSplits: 1)
        return parts.count < 2 ? nil : AuthenticationResults(parsing: Array(parts[1].utf8))
    }

    @Test("The seals that the suite expects verify on the messages that they are for", arguments: suite.signings)
    func verifiesTheirSeals(_ c: ARCSuite.Signing) async {
        guard !c.seal.isEmpty else { return }
        // They were made without blanks in the tags; the suite shows them folded.
        let values = [c.seal, c.signature].map { value in
            value.split(separator: ";").map { $0.filter { $0 != " " } }.joined(separator: "; ")
        }
        let fields = zip(Self.fieldNames, values + [c.results]).map { "\($0): \($1)\r\n" }.joined()
        let outcome = await Self.verify(Self.prepending(ByteBuffer(string: fields), c.message))
        #expect(outcome.status == (c.seal.contains("cv=fail") ? .fail : .pass), "\(outcome.reason)")
    }

    @Test("RFC 8617 §4.2.1: a chain has 50 sets, and then no more")
    func endsAtFifty() async throws {
        let signing = try SigningKey(generating: .ed25519)
        let key = try DKIMKey(domain: "sealer.example", selector: "s", key: signing)
        let resolver = StaticResolver([key.recordName: [.txt(try key.recordText())]])
        let sealer = ARCSealer(key)
        var message = try DKIMRecipe().message
        let results = AuthenticationResults(authservID: "mx.sealer.example", results: [])
        func seal(_ status: ARCStatus) async throws -> ByteBuffer {
            try await sealer.seal(
                message.header, body: InMemoryBody(of: message), results: results, status: status, unixSeconds: 1)
        }
        for instance in 1...50 {
            message = Self.prepending(try await seal(instance == 1 ? .none : .pass), message)
        }
        let outcome = await Self.verify(message, resolver)
        #expect(outcome.status == .pass, "\(outcome.reason)")
        #expect(outcome.sealers.map(\.instance) == Array(1...50))
        #expect(try await seal(.pass).readableBytes == 0)
    }

    @Test("A chain whose seals need more than 12 keys is not validated, and none of them is looked up")
    func boundsKeys() async throws {
        var message = try DKIMRecipe().message
        for instance in 1...13 {
            let key = try DKIMKey(
                domain: "s\(instance).example", selector: "s", key: DKIMRecipe.ed25519Key)
            let fields = try await ARCSealer(key).seal(
                message.header, body: InMemoryBody(of: message),
                results: AuthenticationResults(authservID: "mx", results: []), status: instance == 1 ? .none : .pass,
                unixSeconds: 1)
            message = Self.prepending(fields, message)
        }
        let resolver = DKIMBoundsTests.CountingResolver()
        let outcome = await Self.verify(message, resolver)
        #expect(outcome.status == .fail && outcome.reason == "more than 12 keys")
        #expect(resolver.asked.withLock { $0 } == ["sel._domainkey.example.org"])
    }

    // MARK: Trust

    static func chain(_ results: [(String, String)]) -> ARCOutcome {
        let sealers = results.enumerated().map { index, sealer in
            ARCOutcome.Sealer(
                instance: index + 1, domain: sealer.0, results: AuthenticationResults(parsing: Array(sealer.1.utf8)))
        }
        return ARCOutcome(status: .pass, sealers: sealers)
    }

    static let passed = "mx; dmarc=pass header.from=Author.Example"
    static let chains: [(String, [(String, String)], [String], String?)] = [
        ("the only sealer is trusted", [("list.example", passed)], ["LIST.example."], "list.example"),
        ("nobody is trusted", [("list.example", passed)], [], nil),
        ("another is trusted", [("list.example", passed)], ["other.example"], nil),
        ("what is above it is trusted", [("a.list.example", passed)], ["list.example"], nil),
        (
            "it says that DMARC failed", [("list.example", "mx; dmarc=fail header.from=author.example")],
            ["list.example"], nil
        ),
        (
            "it says so of another domain", [("list.example", "mx; dmarc=pass header.from=x.example")],
            ["list.example"], nil
        ),
        ("it does not say of which", [("list.example", "mx; dmarc=pass")], ["list.example"], nil),
        ("it says nothing", [("list.example", "mx; none")], ["list.example"], nil),
        (
            "both are trusted and the first saw it pass", [("list.example", passed), ("b.example", "mx; dmarc=fail")],
            ["b.example", "list.example"], "list.example"
        ),
        (
            "the last is not trusted", [("list.example", passed), ("b.example", passed)], ["list.example"], nil
        ),
    ]

    @Test("RFC 8617 §7.2.1: a sealer's word counts when it and all behind it are trusted", arguments: chains)
    func trusts(_ title: String, _ sealers: [(String, String)], _ trusted: [String], _ expected: String?) {
        var chain = Self.chain(sealers)
        #expect(chain.sealer(confirming: "author.EXAMPLE", among: trusted) == expected, "\(title)")
        chain.status = .fail
        #expect(chain.sealer(confirming: "author.EXAMPLE", among: trusted) == nil)
    }
}
