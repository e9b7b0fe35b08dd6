import DNS
import MIME
import MailAuth
import NIOCore
import Synchronization
import Testing

@Suite struct DKIMBoundsTests {
    /// Counts what it is asked, and may never answer.
    final class CountingResolver: Resolver {
        let asked = Mutex<[String]>([])
        let isSilent: Bool
        let zone: StaticResolver

        init(_ zone: StaticResolver = StaticResolver([:]), isSilent: Bool = false) {
            self.zone = zone
            self.isSilent = isSilent
        }

        func query(_ name: String, _ type: RecordType) async -> Answer {
            asked.withLock { $0.append(name) }
            guard isSilent else { return await zone.query(name, type) }
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
            for await _ in stream {}
            continuation.finish()
            return .temporaryFailure("cancelled")
        }
    }

    static func field(_ number: Int) -> String {
        "DKIM-Signature: v=1; a=rsa-sha256; d=d\(number).example; s=s; h=from; b=AAAA;"
            + " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; l=\(number)\n"
    }

    @Test("Of 60 signatures 10 are looked at, with one look-up each")
    func boundsSignatures() async throws {
        let text = (0..<60).map(Self.field).joined() + "From: a@b.example\n\nHello\n"
        let message = Message(parsing: ByteBuffer(string: text.replacing("\n", with: "\r\n")))
        let resolver = CountingResolver()
        let found = await SignatureVerifier(resolver: resolver).verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: 0)
        #expect(found.dkim.count == 10)
        #expect(found.signaturesIgnored == 50)
        #expect(found.dkim.map(\.domain) == (0..<10).map { "d\($0).example" })
        #expect(resolver.asked.withLock { $0.count } == 10)
    }

    @Test("When there are too many, those of the domain in From are among them")
    func prefersAuthor() async throws {
        var recipe = DKIMRecipe()
        recipe.afterwards = { $0 = (0..<30).map(Self.field).joined() + $0 }
        let message = try recipe.message
        let found = await SignatureVerifier(resolver: recipe.resolver).verify(
            message.header, body: InMemoryBody(of: message), preferring: "News.Example.ORG", unixSeconds: recipe.now)
        #expect(found.dkim.count == 10)
        #expect(found.dkim.last?.result == .pass)
        #expect(found.dkim.last?.domain == "example.org")
    }

    @Test("Signatures with one key cost one look-up")
    func looksUpOnce() async throws {
        var recipe = DKIMRecipe()
        let signature = try String(buffer: recipe.message.octets).prefix { $0 != "\r\n" }
        #expect(signature.hasPrefix("DKIM-Signature"))
        recipe.afterwards = { message in
            let field = message.prefix(upTo: message.firstRange(of: "From:")?.lowerBound ?? message.startIndex)
            message = String(repeating: String(field), count: 5) + message
        }
        let message = try recipe.message
        let resolver = CountingResolver(recipe.resolver)
        let found = await SignatureVerifier(resolver: resolver).verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: recipe.now)
        #expect(found.dkim.map(\.result) == Array(repeating: .pass, count: 6))
        #expect(resolver.asked.withLock { $0.count } == 1)
    }

    @Test("A resolver that does not answer in time is a temporary error", .timeLimit(.minutes(1)))
    func boundsTime() async throws {
        let message = try DKIMRecipe().message
        let found = await SignatureVerifier(resolver: CountingResolver(isSilent: true), millisecondsMax: 20).verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: 0)
        #expect(found.dkim.map(\.result) == [.temperror])
        #expect(found.dkim.first?.reason == "the key sel._domainkey.example.org: no answer within 20 ms")
    }

    struct UnreadableBody: BodySource {
        struct Broken: Error {}
        func feed(_ hasher: BodyHasher) async throws -> BodyHasher { throw Broken() }
    }

    @Test("A body that cannot be read is a temporary error")
    func needsBody() async throws {
        let recipe = DKIMRecipe()
        let found = await SignatureVerifier(resolver: recipe.resolver).verify(
            try recipe.message.header, body: UnreadableBody(), unixSeconds: recipe.now)
        #expect(found.dkim.map(\.result) == [.temperror])
    }

    @Test("A header of which the parser saw only a part proves nothing")
    func needsWholeHeader() async throws {
        let recipe = DKIMRecipe()
        let octets = try recipe.message.octets
        let message = Message(parsing: octets, limits: ParseLimits(headerFieldsMax: 5))
        let found = await SignatureVerifier(resolver: recipe.resolver).verify(
            message.header, body: InMemoryBody(of: message), unixSeconds: recipe.now)
        #expect(found.dkim.map(\.result) == [.permerror])
        #expect(found.dkim.first?.reason == "the header is too long")
    }

    /// Gives its octets in pieces of one length.
    struct PiecewiseBody: BodySource {
        let octets: [UInt8]
        let length: Int

        func feed(_ hasher: BodyHasher) async throws -> BodyHasher {
            var hasher = hasher
            for start in stride(from: 0, to: octets.count, by: length) {
                octets[start..<min(start + length, octets.count)].withUnsafeBytes { hasher.update($0) }
            }
            return hasher
        }
    }

    static let bodies = DKIMCases.canonical.filter { $0.expected == .pass }

    @Test("The pieces in which a body comes make no difference", arguments: bodies, [1, 2, 3, 7, 8_191])
    func takesPieces(_ c: DKIMCases.Case, _ length: Int) async throws {
        let message = try c.recipe.message
        let body = PiecewiseBody(
            octets: Array(message.octets.readableBytesView.dropFirst(message.headerOctets)), length: length)
        let found = await SignatureVerifier(resolver: c.recipe.resolver).verify(
            message.header, body: body, unixSeconds: c.recipe.now)
        #expect(found.dkim.map(\.result) == [.pass])
    }
}
